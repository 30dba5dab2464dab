package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;

/// Rows of the embedding; a unit is a token. The table lies as any matrix does, so a row is a lane of its panels.
final class EmbedTask implements Task {

    private final Scratch[] scratch;
    private StepInput step = new StepInput(0);
    private CpuMatrix table;
    private CpuBuffer target;

    EmbedTask(Scratch[] scratch, CpuBuffer empty) {
        this.scratch = scratch;
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
        int id = step.tokenId(token);
        MemorySegment panel = scratch[thread].panel();
        long group = table.offset(id / RowLayout.GROUP_ROWS);
        long lane = (long) Float.BYTES * (id % RowLayout.GROUP_ROWS);
        for (int column = 0; column < table.columns(); column += RowLayout.PANEL_COLUMNS) {
            int count = Math.min(RowLayout.PANEL_COLUMNS, table.columns() - column);
            table.layout().expand(table.weights(), group, column, count, panel);
            long to = target.offset(token) + 4L * column;
            for (int k = 0; k < count; k++) {
                float value = panel.get(CpuBuffer.FLOAT, lane + (long) k * RowLayout.PANEL_STRIDE);
                target.values().set(CpuBuffer.FLOAT, to + 4L * k, value);
            }
        }
    }
}
