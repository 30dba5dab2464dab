package dev.millrace.tokenizer.template;

import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// Random damage to templates: whatever comes of it renders or fails in a `TemplateException`.
class MutatedTemplateTest {
    private static final int MUTATIONS = 20_000;

    private static final List<String> TEMPLATES = List.of(
            "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
                    + "{{ raise_exception('order') }}{% endif %}{{ '[INST] ' + message.content|trim + ' [/INST]' }}"
                    + "{% endfor %}",
            "{%- macro show(value, depth=0) -%}{%- if value is mapping -%}{%- for key, inner in value|dictsort -%}"
                    + "{{ '  ' * depth }}{{ key }}: {{ show(inner, depth + 1) }}{%- endfor -%}"
                    + "{%- else -%}{{ value|tojson(indent=2) }}{%- endif -%}{%- endmacro -%}"
                    + "{% set ns = namespace(count=0, last='') %}{% for m in messages[::-1] if m.content is string %}"
                    + "{% set ns.count = ns.count + 1 %}{% set ns.last = m.content.split('</think>')[-1].lstrip('\\n') %}"
                    + "{% endfor %}{{ show({'a': messages, 'n': ns.count}) }}{{ ns.last }}",
            "{% call(x) wrap(messages|map(attribute='role')|join(', ')) %}{{ \"%s: %5.2f\" % (x, 1.5) }}{% endcall %}"
                    + "{% set text %}{% raw %}{{ }}{% endraw %}{% endset %}{{ text|replace('{', '<')|upper ~ 'x'[0:1] }}"
                    + "{% with a = {'k': [1, (2, 3)]} %}{{ a.k[1][0] ** 2 // 3 % 4 }}{% endwith %}");

    private static final String PIECES = "{}%#()[]'\"|.,:+-*/~=<>! \n\\_0123456789abcxif";

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void damage_never_does_more_than_fail() {
        JsonNode variables = Rendering.JSON.readTree("""
                {"messages": [{"role": "user", "content": "a</think>\\nb"}, {"role": "assistant", "content": "ü😀"}],
                 "bos_token": "<s>", "wrap": 5}
                """);
        Random random = new Random(20260102);
        for (int i = 0; i < MUTATIONS; i++) {
            String template = mutate(TEMPLATES.get(i % TEMPLATES.size()), random);
            try {
                Rendering.render(template, variables);
            } catch (TemplateException expected) {
                // That is what may happen.
            } catch (RuntimeException | StackOverflowError e) {
                fail("mutation " + i + ": " + template, e);
            }
        }
    }

    private static String mutate(String template, Random random) {
        StringBuilder mutated = new StringBuilder(template);
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(mutated.length());
            int end = Math.min(mutated.length(), at + 1 + random.nextInt(6));
            switch (random.nextInt(4)) {
                case 0 -> mutated.deleteCharAt(at);
                case 1 -> mutated.insert(at, PIECES.charAt(random.nextInt(PIECES.length())));
                case 2 -> mutated.setCharAt(at, PIECES.charAt(random.nextInt(PIECES.length())));
                default -> mutated.insert(random.nextInt(mutated.length()), mutated.substring(at, end));
            }
        }
        return mutated.toString();
    }
}
