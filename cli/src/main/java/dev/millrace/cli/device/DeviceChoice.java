package dev.millrace.cli.device;

import dev.millrace.cli.UserError;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The places that stages are put on.
///
/// @param places in the order of the stages, one at least
/// @param notes what the user should know of how it came to that, a line each
public record DeviceChoice(List<Place> places, List<String> notes) {
    private static final String NEEDED =
            "CUDA needs an NVIDIA driver, 520 or newer, and a device of compute capability 8.0 or newer";

    public DeviceChoice {
        places = List.copyOf(places);
        notes = List.copyOf(notes);
    }

    /// @throws UserError where what is asked for is not there, with what is needed
    public static DeviceChoice of(DeviceRequest request, DeviceReport report) {
        return switch (request.kind()) {
            case AUTO -> report.usable().isEmpty() ? onCpu(report) : all(report);
            case CUDA -> {
                if (report.usable().isEmpty()) {
                    throw new UserError("--device cuda: " + whatThereIs(report));
                }
                yield all(report);
            }
            case NAMED -> {
                request.places().stream().filter(place -> !place.isCpu()).forEach(place -> check(place, report));
                yield new DeviceChoice(request.places(), List.of());
            }
        };
    }

    private static DeviceChoice onCpu(DeviceReport report) {
        return new DeviceChoice(List.of(Place.CPU), List.of(whyNone(report) + ": serving on the CPU"));
    }

    private static DeviceChoice all(DeviceReport report) {
        return new DeviceChoice(
                report.usable().stream().map(CudaDevice::place).toList(),
                report.devices().stream()
                        .filter(device -> !device.isUsable())
                        .map(device -> "%s is not used: %s".formatted(device.place(), device.refusal()))
                        .toList());
    }

    private static void check(Place place, DeviceReport report) {
        Optional<CudaDevice> device = report.device(place);
        if (device.isEmpty()) {
            throw new UserError("--device names %s: %s".formatted(place, whatThereIs(report)));
        }
        if (!device.get().isUsable()) {
            throw new UserError("--device names %s, which cannot be used: %s"
                    .formatted(place, device.get().refusal()));
        }
    }

    /// Devices that cannot be used say what is needed themselves.
    private static String whatThereIs(DeviceReport report) {
        if (report.devices().isEmpty()) {
            return "%s. %s".formatted(whyNone(report), NEEDED);
        }
        if (report.usable().isEmpty()) {
            return whyNone(report);
        }
        return "the NVIDIA driver shows only "
                + report.devices().stream()
                        .map(device -> "%s (%s)".formatted(device.place(), device.name()))
                        .collect(Collectors.joining(", "));
    }

    private static String whyNone(DeviceReport report) {
        return report.problem().isEmpty() ? "there is no device that can be used" : report.problem();
    }

    /// Stages unless told otherwise: one a place, and `onCpu` where the CPU is the only one.
    public int defaultStages(int onCpu) {
        return places.equals(List.of(Place.CPU)) ? onCpu : places.size();
    }

    /// A place for each of so many stages: neighbours share one where there are more stages than places.
    public List<Place> spread(int stages) {
        return IntStream.range(0, stages)
                .mapToObj(stage -> places.get(stage * places.size() / stages))
                .toList();
    }
}
