    let row = line / SPANS;
    let begin = line % SPANS * SPAN;
    let end = min(begin + SPAN, CANDIDATES);
#if wide
    // Four neighbours at once: `j` counts vectors, and each lane keeps its own best.
    var j = min(begin + $first, end - 1u);
    var lane_best = load(row * CANDIDATES + j);
    var lane_vector = places(j);
    for (j = begin + $first + $step; j < end; j += $step) {
        let x = load(row * CANDIDATES + j);
        let better = beats_wide(x, lane_best);
        lane_best = select(lane_best, x, better);
        lane_vector = select(lane_vector, places(j), better);
    }
    var best = lane_best.x;
    var best_at = 4u * lane_vector.x;
#for lane in 3
    if precedes(lane_best[$lane + 1], 4u * lane_vector[$lane + 1] + $lane + 1u, best, best_at) {
        best = lane_best[$lane + 1];
        best_at = 4u * lane_vector[$lane + 1] + $lane + 1u;
    }
#end
#else
    var best_at = candidate(row, min(begin + $first, end - 1u));
    var best = load(base(row) + best_at * INNER);
    for (var j = begin + $first + $step; j < end; j += $step) {
        let at = candidate(row, j);
        let x = load(base(row) + at * INNER);
        if beats(x, best) {
            best = x;
            best_at = at;
        }
    }
#end
