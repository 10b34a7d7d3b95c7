    let own_$p = min(begin + local, end - 1u);
    let first_$p = term_$p(load(base + reduced(own_$p))$statistics);
    var accumulator_$p = first_$p;
#if keep
    put(place + reduced_place(own_$p), first_$p);
#end
    for (var j = begin + local + $workgroup; j < end; j += $workgroup) {
        let term = term_$p(load(base + reduced(j))$statistics);
        accumulator_$p = combine_$p(accumulator_$p, term);
#if keep
        put(place + reduced_place(j), term);
#end
    }
    found[local] = $joined;
    workgroupBarrier();
    for (var half = $workgroup / 2u; half > 0u; half /= 2u) {
        if local < half && local + half < end - begin {
            found[local] = join_$p(found[local], found[local + half]);
        }
        workgroupBarrier();
    }
    let s$p = statistic_$p(found[0]);
    workgroupBarrier();
