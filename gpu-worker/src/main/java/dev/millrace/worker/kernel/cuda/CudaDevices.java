package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.cuda.driver.CudaException;
import dev.millrace.worker.kernel.cuda.driver.Driver;
import dev.millrace.worker.kernel.cuda.driver.DriverLibrary;
import dev.millrace.worker.kernel.cuda.driver.JcudaDriver;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The CUDA devices of this machine, and why the others are not used.
///
/// @param found what the driver shows, by ordinal
/// @param missing why there is none, for people; empty where there is one
public record CudaDevices(List<FoundDevice> found, String missing) {

    /// CUDA 11.8, whose PTX the kernels are written in.
    static final int LEAST_VERSION = 11_080;

    static final String LEAST_DRIVER = "520";

    private static final int NO_DEVICE = 100;

    public CudaDevices {
        found = List.copyOf(found);
    }

    /// Asks the driver, if there is one. Takes nothing on any device.
    public static CudaDevices find() {
        Optional<String> absent = DriverLibrary.missing();
        if (absent.isPresent()) {
            return none(absent.get());
        }
        try {
            return find(JcudaDriver.open());
        } catch (CudaException e) {
            return none(
                    e.code() == NO_DEVICE
                            ? "the NVIDIA driver shows no device"
                            : "the NVIDIA driver does not work: " + e.getMessage());
        } catch (IllegalStateException e) {
            return none(String.valueOf(e.getMessage()));
        } catch (UncheckedIOException e) {
            return none("%s: %s".formatted(e.getMessage(), e.getCause()));
        }
    }

    static CudaDevices find(Driver driver) {
        int version = driver.version();
        if (version < LEAST_VERSION) {
            return none("the NVIDIA driver is too old: it supports CUDA %s, and %s is needed, so driver %s or newer"
                    .formatted(text(version), text(LEAST_VERSION), LEAST_DRIVER));
        }
        List<FoundDevice> found = new ArrayList<>();
        int count = driver.deviceCount();
        for (int ordinal = 0; ordinal < count; ordinal++) {
            found.add(FoundDevice.of(driver.device(ordinal)));
        }
        return new CudaDevices(found, reason(found));
    }

    private static String reason(List<FoundDevice> found) {
        if (found.isEmpty()) {
            return "the NVIDIA driver shows no device";
        }
        boolean anyUsable = found.stream().anyMatch(FoundDevice::isUsable);
        return anyUsable ? "" : found.stream().map(FoundDevice::refusal).collect(Collectors.joining("; "));
    }

    private static CudaDevices none(String reason) {
        return new CudaDevices(List.of(), reason);
    }

    /// As NVIDIA writes it: `13.0`.
    static String text(int version) {
        return "%d.%d".formatted(version / 1000, version % 1000 / 10);
    }

    /// By ordinal.
    public List<FoundDevice> usable() {
        return found.stream().filter(FoundDevice::isUsable).toList();
    }

    /// The usable device whose memory nobody has taken most of.
    ///
    /// @throws IllegalArgumentException where none is usable, with what is missing
    public FoundDevice freest() {
        List<FoundDevice> candidates = choose(List.of());
        FoundDevice freest = candidates.getFirst();
        long most = candidates.size() == 1 ? 0 : freest.memory().freeBytes();
        for (FoundDevice next : candidates.subList(1, candidates.size())) {
            long free = next.memory().freeBytes();
            if (free > most) {
                freest = next;
                most = free;
            }
        }
        return freest;
    }

    /// Those devices, in that order; all that are usable where none is named.
    ///
    /// @throws IllegalArgumentException where one is not there or not usable, with what is there or needed
    public List<FoundDevice> choose(List<Integer> ordinals) {
        if (found.isEmpty() || ordinals.isEmpty() && !missing.isEmpty()) {
            throw new IllegalArgumentException("no CUDA device can be used: " + missing);
        }
        return ordinals.isEmpty() ? usable() : ordinals.stream().map(this::one).toList();
    }

    private FoundDevice one(int ordinal) {
        if (ordinal < 0 || ordinal >= found.size()) {
            throw new IllegalArgumentException("there is no CUDA device %d; there %s %s"
                    .formatted(
                            ordinal,
                            found.size() == 1 ? "is" : "are",
                            found.stream()
                                    .map(device -> "%d (%s)".formatted(device.ordinal(), device.name()))
                                    .collect(Collectors.joining(", "))));
        }
        FoundDevice device = found.get(ordinal);
        if (!device.isUsable()) {
            throw new IllegalArgumentException(
                    "CUDA device %d cannot be used: %s".formatted(ordinal, device.refusal()));
        }
        return device;
    }
}
