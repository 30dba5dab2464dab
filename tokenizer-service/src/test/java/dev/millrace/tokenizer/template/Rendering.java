package dev.millrace.tokenizer.template;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Renders templates for tests.
final class Rendering {
    static final JsonMapper JSON = JsonMapper.builder().build();

    /// The moment at which the goldens were rendered.
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    private Rendering() {}

    static String render(String template) {
        return render(template, "{}");
    }

    /// Renders with variables given as a JSON object; they are untrusted.
    static String render(String template, String variables) {
        return render(template, JSON.readTree(variables));
    }

    static String render(String template, JsonNode variables) {
        return segments(template, variables).stream().map(Segment::text).collect(Collectors.joining());
    }

    static List<Segment> segments(String template, JsonNode variables) {
        Map<String, Value> values = new HashMap<>();
        variables.properties().forEach(member -> values.put(member.getKey(), JsonValues.of(member.getValue())));
        return CompiledTemplate.of(template, TemplateLimits.DEFAULT).render(values, CLOCK);
    }

    /// The rendered text with what is untrusted in «».
    static String marked(String template, String variables) {
        return segments(template, JSON.readTree(variables)).stream()
                .map(segment -> segment.trusted() ? segment.text() : "«" + segment.text() + "»")
                .collect(Collectors.joining());
    }
}
