package dev.millrace.cli.device;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the worker's tool says about this machine's devices.
///
/// @param problem why no device can be used, for people; empty where one can
/// @param devices by ordinal, those that cannot be used too
public record DeviceReport(String problem, List<CudaDevice> devices) {
    public DeviceReport {
        devices = List.copyOf(devices);
    }

    public static DeviceReport none(String problem) {
        return new DeviceReport(problem, List.of());
    }

    /// Reads the tool's JSON object.
    ///
    /// @throws tools.jackson.core.JacksonException where it is none
    static DeviceReport read(String json) {
        JsonNode report = JsonMapper.shared().readTree(json);
        return new DeviceReport(
                text(report, "problem"),
                elements(report.path("devices")).map(DeviceReport::device).toList());
    }

    private static CudaDevice device(JsonNode node) {
        String reason = text(node, "reason");
        boolean usable = node.path("usable").asBoolean(false);
        return new CudaDevice(
                node.path("ordinal").asInt(-1),
                text(node, "name"),
                text(node, "capability"),
                node.path("total_bytes").asLong(0),
                node.path("free_bytes").asLong(0),
                usable ? "" : reason.isEmpty() ? "the worker does not say why" : reason,
                elements(node.path("others"))
                        .map(other -> new DeviceUser(
                                other.path("pid").asLong(0),
                                text(other, "name"),
                                other.path("bytes").asLong(0)))
                        .toList());
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    public List<CudaDevice> usable() {
        return devices.stream().filter(CudaDevice::isUsable).toList();
    }

    /// The device of that number, if the driver shows it.
    public Optional<CudaDevice> device(Place place) {
        return devices.stream().filter(device -> device.place().equals(place)).findFirst();
    }
}
