// How the matrices lie that kernels factorise in place: `COUNT` of them, one behind the other, each
// of `ROWS` rows of `STRIDE` elements. The first `COLUMNS` of a row are factorised, up to `WIDTH`
// those that are transformed along with them; what belongs to a step stands in the last one.
const COUNT = $countu;
const ROWS = $rowsu;
const COLUMNS = $columnsu;
const WIDTH = $widthu;
const STRIDE = $strideu;
// Columns (or rows) per kernel, and how many there are to take.
const PANEL = $panelu;
const STEPS = $stepsu;
const WORKGROUP = $workgroupu;
// Workgroups per row of the grid.
const GRID = $gridu;

fn place(matrix: u32, row: u32, column: u32) -> u32 {
    return (matrix * ROWS + row) * STRIDE + column;
}

