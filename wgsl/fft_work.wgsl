// A number between passes: real parts of all lines, then imaginary ones.

fn take(line: u32, place: u32) -> Complex {
    let at = line * $line + place;
    return Complex($work[at], $work[at + $plane]);
}
