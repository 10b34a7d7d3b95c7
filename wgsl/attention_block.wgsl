// Keys j to j + $keys - 1, taken into the running maximum `top`, the sum of exponentials `total`
// and the weighted sum of values `sum_…` of $rows queries (online softmax; Milakov and Gimelshein,
// 2018).
#for r in rows
#for k in keys
            var score_$r_$k = 0.0;
#end
#end
#for k in keys
#if tiled
            let key_$k = (j - first_key + $k) * $query_vectors;
            let value_$k = (j - first_key + $k) * $value_vectors;
#else
            let key_$k = key_base + (j + $k) * KEY_STRIDE;
            let value_$k = value_base + (j + $k) * VALUE_STRIDE;
#end
#end
#if query_rolled
            for (var e = 0u; e < $query_vectors; e += $query_step) {
#else
            {
                const e = 0u;
#end
#for v in query_step
#for k in keys
#if tiled
                let key_four_$v_$k = key_tile[key_$k + e + $v];
#else
                let key_four_$v_$k = key_four(key_$k, e + $v);
#end
#end
#for r in rows
                let query_four_$v_$r = query_$r[e + $v];
#for k in keys
                score_$r_$k += dot(query_four_$v_$r, key_four_$v_$k);
#end
#end
#end
            }
#for r in rows
#if guarded
#for k in keys
            score_$r_$k = masked(score_$r_$k, mask_base, row_$r, j + $k);
            let part_$r_$k = takes_part(score_$r_$k);
#end
#end
            var new_top_$r = top_$r;
#for k in keys
            new_top_$r = max(new_top_$r, score_$r_$k);
#end
            let fade_$r = exp_f32(top_$r - new_top_$r);
            top_$r = new_top_$r;
            total_$r *= fade_$r;
#for k in keys
#if guarded
            let weight_$r_$k = select(0.0, exp_f32(score_$r_$k - new_top_$r), part_$r_$k);
#else
            let weight_$r_$k = exp_f32(score_$r_$k - new_top_$r);
#end
            total_$r += weight_$r_$k;
#end
#end
#if value_rolled
            for (var c = 0u; c < $value_vectors; c += $value_step) {
#else
            {
                const c = 0u;
#end
#for v in value_step
#for k in keys
#if tiled
                let value_four_$v_$k = value_tile[value_$k + c + $v];
#else
                let value_four_$v_$k = value_four(value_$k, c + $v);
#end
#end
#for r in rows
                var sum_four_$v_$r = sum_$r[c + $v] * fade_$r;
#for k in keys
#if guarded
                sum_four_$v_$r += select(vec4f(), weight_$r_$k * value_four_$v_$k, part_$r_$k);
#else
                sum_four_$v_$r += weight_$r_$k * value_four_$v_$k;
#end
#end
                sum_$r[c + $v] = sum_four_$v_$r;
#end
#end
            }
