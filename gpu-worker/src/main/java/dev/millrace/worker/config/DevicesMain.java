package dev.millrace.worker.config;

import dev.millrace.worker.kernel.cuda.CudaDevices;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The process behind `millrace devices`: which devices this machine has for stages.
@Command(name = "millrace devices", description = "Lists the devices that can hold stages.")
public final class DevicesMain implements Callable<Integer> {

    @Option(names = "--json", description = "One JSON object instead of a table.")
    private boolean json;

    DevicesMain() {}

    /// Lists them; without any, that is no error.
    public static void main(String[] arguments) {
        System.exit(Commands.execute(new DevicesMain(), arguments));
    }

    @Override
    public Integer call() {
        DeviceList list = DeviceList.of(CudaDevices.find());
        if (json) {
            System.out.println(list.json());
        } else {
            System.out.print(list.table(Runtime.getRuntime().availableProcessors(), SystemMemory.ofThisMachine()));
        }
        return 0;
    }
}
