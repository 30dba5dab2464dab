package dev.millrace.cli.serve;

import dev.millrace.cli.UserError;
import dev.millrace.cli.device.CudaDevice;
import dev.millrace.cli.device.DeviceUser;
import dev.millrace.cli.device.Place;
import java.util.List;
import java.util.stream.Collectors;

/// What a cluster takes at one place, in bytes.
///
/// @param place the CPU for the machine's memory
/// @param weights of the stages there
/// @param cache keys and values of all sequences at full length, for the layers there
/// @param processes what the processes take without weights and caches
record MemoryDemand(Place place, long weights, long cache, long processes) {
    private static final String REMEDIES = "a smaller --ctx or --parallel, --kv-type q8_0";

    /// Refuses where the machine has less, with the numbers.
    void checkAgainst(long availableBytes) {
        if (exceeds(availableBytes)) {
            throw new UserError("too little memory: %s are needed, %s are available; try %s, or a smaller model"
                    .formatted(needed(), MemoryEstimate.readable(availableBytes), REMEDIES));
        }
    }

    /// Refuses where the device has less, with the numbers and with who has the rest.
    void checkAgainst(CudaDevice device) {
        if (exceeds(device.freeBytes())) {
            throw new UserError(
                    "too little memory on %s (%s): %s are needed, %s of %s are free%s; try %s, a smaller model, more devices or --device cpu"
                            .formatted(
                                    place,
                                    device.name(),
                                    needed(),
                                    MemoryEstimate.readable(device.freeBytes()),
                                    MemoryEstimate.readable(device.totalBytes()),
                                    takenBy(device.others()),
                                    REMEDIES));
        }
    }

    private boolean exceeds(long bytes) {
        return cache > bytes - weights - processes;
    }

    private String needed() {
        return "%s of weights, %s of KV cache and %s for the processes"
                .formatted(
                        MemoryEstimate.readable(weights),
                        MemoryEstimate.readable(cache),
                        MemoryEstimate.readable(processes));
    }

    private static String takenBy(List<DeviceUser> others) {
        return others.isEmpty()
                ? ""
                : ", taken by " + others.stream().map(MemoryDemand::describe).collect(Collectors.joining(" and "));
    }

    private static String describe(DeviceUser user) {
        String file = user.name().substring(user.name().lastIndexOf('/') + 1);
        String who = file.isEmpty() ? "process " + user.pid() : "%s (process %d)".formatted(file, user.pid());
        return user.bytes() == 0 ? who : "%s with %s".formatted(who, MemoryEstimate.readable(user.bytes()));
    }
}
