package dev.millrace.cli.device;

import dev.millrace.cli.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `--device` asks for.
///
/// @param kind whether places are named
/// @param places in the order of the stages; empty unless they are named
public record DeviceRequest(Kind kind, List<Place> places) {
    /// How much is left open.
    public enum Kind {
        /// All CUDA devices that can be used, the CPU where there is none.
        AUTO,
        /// All CUDA devices that can be used, of which one has to be there.
        CUDA,
        NAMED
    }

    private static final Pattern WORD = Pattern.compile("cpu|(?:cuda:)?(\\d{1,3})");

    public DeviceRequest {
        places = List.copyOf(places);
    }

    /// `auto`, `cpu`, `cuda`, or places in a row: `cuda:0,1`, `cuda:0,cpu`.
    public static DeviceRequest parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "", "auto" -> new DeviceRequest(Kind.AUTO, List.of());
            case "cuda" -> new DeviceRequest(Kind.CUDA, List.of());
            default -> new DeviceRequest(Kind.NAMED, places(text));
        };
    }

    /// A number without `cuda:` goes on where the word before it named a CUDA device.
    private static List<Place> places(String text) {
        List<Place> places = new ArrayList<>();
        for (String word : text.toLowerCase(Locale.ROOT).split(",", -1)) {
            Matcher matcher = WORD.matcher(word);
            boolean follows = !places.isEmpty() && !places.getLast().isCpu();
            if (!matcher.matches() || (Character.isDigit(word.charAt(0)) && !follows)) {
                throw new UserError(
                        "--device is %s; it must be auto, cpu, cuda, or devices in the order of the stages, such as cuda:0, cuda:0,1 or cuda:0,cpu"
                                .formatted(text));
            }
            places.add(word.equals("cpu") ? Place.CPU : Place.cuda(Integer.parseInt(matcher.group(1))));
        }
        return places;
    }

    /// False where the answer does not depend on which devices there are.
    public boolean needsDevices() {
        return kind != Kind.NAMED || places.stream().anyMatch(place -> !place.isCpu());
    }
}
