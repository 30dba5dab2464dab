package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.Event;
import dev.millrace.worker.kernel.cuda.driver.Graph;
import dev.millrace.worker.kernel.cuda.driver.Kernel;
import dev.millrace.worker.kernel.cuda.driver.KernelArguments;
import java.util.List;

/// What launching kernels costs, one by one and recorded, with a kernel that does nothing (`measure.cu`).
final class LaunchMeter {

    /// Fewer than a driver lets wait on a stream.
    private static final int LAUNCHES = 400;
    private static final int RUNS = 9;

    private final CudaStage stage;
    private final Kernel kernel;
    private final KernelArguments arguments;

    LaunchMeter(CudaStage stage) {
        this.stage = stage;
        kernel = stage.kernels().kernel("measure", "do_nothing");
        arguments = kernel.arguments().address(0);
    }

    List<CudaFigures.Launch> measure() {
        CudaFigures.Launch plain = measure("each by itself", LAUNCHES, LAUNCHES, this::launch);
        try (Graph one = graph(1);
                Graph many = graph(LAUNCHES)) {
            return List.of(
                    plain,
                    measure("a graph of one", LAUNCHES, LAUNCHES, () -> one.launch(stage.stream())),
                    measure("a graph of " + LAUNCHES, 1, LAUNCHES, () -> many.launch(stage.stream())));
        }
    }

    private void launch() {
        kernel.launch(stage.stream(), 1, 1, 1, 32, 0, arguments);
    }

    private Graph graph(int launches) {
        stage.stream().beginCapture();
        for (int i = 0; i < launches; i++) {
            launch();
        }
        return stage.stream().endCapture();
    }

    /// Medians of runs.
    ///
    /// @param calls of `call` in a run
    /// @param kernels that they launch
    private CudaFigures.Launch measure(String how, int calls, int kernels, Runnable call) {
        double[] host = new double[RUNS];
        double[] device = new double[RUNS];
        try (Event start = new Event(stage.driver(), true);
                Event end = new Event(stage.driver(), true)) {
            for (int run = -1; run < RUNS; run++) {
                start.record(stage.stream());
                long startNanos = System.nanoTime();
                for (int i = 0; i < calls; i++) {
                    call.run();
                }
                long nanos = System.nanoTime() - startNanos;
                end.record(stage.stream());
                end.await();
                if (run >= 0) {
                    host[run] = nanos / 1e3 / calls;
                    device[run] = end.millisSince(start) * 1e3 / kernels;
                }
            }
        }
        return new CudaFigures.Launch(how, Medians.of(host), Medians.of(device));
    }
}
