    let first_$p = term_$p(load(base + reduced(begin))$statistics);
    var accumulator_$p = first_$p;
#if keep
    put(place + reduced_place(begin), first_$p);
#end
    for (var j = begin + 1u; j < end; j += 1u) {
        let term = term_$p(load(base + reduced(j))$statistics);
        accumulator_$p = combine_$p(accumulator_$p, term);
#if keep
        put(place + reduced_place(j), term);
#end
    }
    let s$p = statistic_$p($joined);
