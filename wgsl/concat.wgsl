// Operands behind one another along one axis. A line is what they have for one place on the axes
// before it: `LINE` elements (or vectors) of the result, `LINE_0` of the first operand, ….

fn moved(i: u32) -> $value {
    let line = i / LINE;
    let place = i % LINE;
#for k in others
    if place < BEGIN_$k + LINE_$k {
        return load_$k(line * LINE_$k + place - BEGIN_$k);
    }
#end
    return load_$others(line * LINE_$others + place - BEGIN_$others);
}
