// Short rows: an invocation for each element counts the elements that come before it.

@compute @workgroup_size($workgroup)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let line = id.y * $row + id.x;
    if line >= $count {
        return;
    }
    let row = line / LENGTH;
    let own = line % LENGTH;
    let own_word = word(row, own);
    let own_key = key_of(own_word);
    var rank = 0u;
    for (var j = 0u; j < LENGTH; j += 1u) {
        let key = key_of(word(row, j));
        rank += select(0u, 1u, key < own_key || (key == own_key && j < own));
    }
    put(row, rank, own_word, own);
}
