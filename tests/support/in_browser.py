# Runs inside Pyodide; its last expression is the function that JavaScript calls.
import json
import textwrap
import traceback

from pyodide.code import eval_code_async


def plain(value):
    """Arrays and scalars of numpy, and whatever else json does not know, in a form that it does."""
    for conversion in ("tolist", "to_dict"):
        if hasattr(value, conversion):
            return getattr(value, conversion)()
    return repr(value)


async def run(code, inputs):
    """Run code in a fresh namespace; the reply is JSON with its value or its error."""
    namespace = {"__name__": "test", **json.loads(inputs)}
    try:
        value = await eval_code_async(textwrap.dedent(code), namespace, filename="<test>")
        return json.dumps({"value": value}, default=plain)
    except BaseException as error:
        return json.dumps(
            {
                "error": {
                    "kind": type(error).__name__,
                    "message": str(error),
                    "traceback": "".join(traceback.format_exception(error)),
                }
            }
        )


run  # noqa: B018
