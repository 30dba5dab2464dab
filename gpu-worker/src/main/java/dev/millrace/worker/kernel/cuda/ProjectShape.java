package dev.millrace.worker.kernel.cuda;

/// What a block of a kernel's grid multiplies.
///
/// @param file of the kernel
/// @param name what its names begin with, before the form of rows and the number of tokens, if it has one
/// @param tileRows tiles of 16 rows of a matrix
/// @param tokens rows of the step
/// @param threads of a block
/// @param sharedBytes of a block, beside those that the kernel declares
record ProjectShape(String file, String name, int tileRows, int tokens, int threads, int sharedBytes) {

    /// A kernel that reads weights again for each few tokens has blocks of the same tokens side by side in its grid,
    /// others those of the same weights.
    private static final int FEW_TOKENS = 4;

    private static final int THREADS = 256;
    private static final int PANEL_TILE_ROWS = 8;
    private static final int PANEL_TOKENS = 64;
    private static final int PANEL_THREADS = 512;
    /// As `project_panels.cu` says it.
    private static final int PANEL_BYTES = 151_808;

    static ProjectShape plain(int tokens) {
        return new ProjectShape("project_plain", "project", tokens > FEW_TOKENS ? 2 : 1, tokens, THREADS, 0);
    }

    static ProjectShape quantized(int tokens) {
        boolean few = tokens <= FEW_TOKENS;
        return new ProjectShape(
                few ? "project_quantized" : "project_tiles", few ? "project" : "project_tiles", 1, tokens, THREADS, 0);
    }

    /// For very many tokens, of rounded rows.
    static ProjectShape panels() {
        return new ProjectShape(
                "project_panels", "project_panels", PANEL_TILE_ROWS, PANEL_TOKENS, PANEL_THREADS, PANEL_BYTES);
    }

    /// The name of the kernel for rows of that form.
    String kernel(RowForm form) {
        String prefix = name + "_" + form.lowerCase();
        return sharedBytes > 0 ? prefix : prefix + "_" + tokens;
    }

    boolean hasWeightsSideBySide() {
        return tokens > FEW_TOKENS;
    }

    /// Blocks for the rows of a matrix.
    int blocks(int rows) {
        return Math.ceilDiv(rows, tileRows * MatrixLayout.TILE_ROWS);
    }
}
