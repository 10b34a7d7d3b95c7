// A running total as its own value.
alias state = $scalar;

fn nothing() -> state {
    return $identity;
}

fn single(x: $scalar) -> state {
    return x;
}

fn joined(first: state, second: state) -> state {
    return first $sign second;
}

fn total(of_state: state) -> $scalar {
    return of_state;
}
