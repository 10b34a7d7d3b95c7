"""Copying to the clipboard, with a way out where the browser refuses."""

import js


async def copy(text):
    """True where the text is on the clipboard now."""
    try:
        await js.navigator.clipboard.writeText(text)
    except Exception as error:  # no permission, or no secure context
        js.console.debug(f"The clipboard refused: {error}")
        return False
    return True
