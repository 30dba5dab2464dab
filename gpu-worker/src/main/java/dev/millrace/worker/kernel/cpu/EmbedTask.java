package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.step.StepInput;

/// Rows of the embedding; a unit is a token. The table lies as any matrix does, so a row is a lane of its groups.
final class EmbedTask implements Task {

    /// What was sampled last at each place.
    private final int[] ids;
    private StepInput step = new StepInput(0);
    private CpuMatrix table;
    private CpuBuffer target;

    EmbedTask(int[] ids, CpuBuffer empty) {
        this.ids = ids;
        table = new CpuMatrix(TensorType.F32, 0, 0, RowLayout.of(TensorType.F32), empty.values());
        target = empty;
    }

    void prepare(StepInput input, CpuMatrix rows, CpuBuffer to) {
        step = input;
        table = rows;
        target = to;
    }

    @Override
    public void run(int token, int thread) {
        int named = step.tokenId(token);
        int id = named < 0 ? ids[~named] : named;
        long group = table.offset(id / RowLayout.GROUP_ROWS);
        int lane = id % RowLayout.GROUP_ROWS;
        table.layout().row(table.weights(), group, lane, table.columns(), target.values(), target.offset(token));
    }
}
