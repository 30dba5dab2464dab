package dev.millrace.tokenizer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Templates that come to do harm: each must end soon, in a `TemplateException`, within a small stack.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostileTemplateTest {
    private static final String NESTED_LIST =
            "{% set ns = namespace(v=[]) %}{% for i in range(100000) %}{% set ns.v = [ns.v] %}{% endfor %}";
    private static final String SHARED_LIST =
            "{% set ns = namespace(v=[1]) %}{% for i in range(60) %}{% set ns.v = [ns.v, ns.v] %}{% endfor %}";
    private static final String SHARED_TUPLE =
            "{% set ns = namespace(v=(1,)) %}{% for i in range(60) %}{% set ns.v = (ns.v, ns.v) %}{% endfor %}";
    private static final String MEGABYTE = "{% set m = 'a' * 1000000 %}";

    /// What the template ends in, when rendered by a thread with a stack of 512 KiB.
    private static Throwable failure(String template) {
        AtomicReference<Throwable> failure = new AtomicReference<>(new AssertionError("it rendered"));
        Runnable render = () -> {
            try {
                Rendering.render(template);
            } catch (Throwable e) {
                failure.set(e);
            }
        };
        Thread thread = new Thread(null, render, "hostile", 512 << 10);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return failure.get();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
                "{% for i in range(100000) %}{% for j in range(100000) %}{{ i }}{% endfor %}{% endfor %}",
                "{% for i in range(100000) %}{% if range(100000)|select('none')|first %}{% endif %}{% endfor %}",
                "{% for i in range(100000) %}{% if 5 in range(100000)|list %}{% endif %}{% endfor %}",
                "{{ range(1000000000) }}",
                "{{ range(0, 10 ** 30) }}",
                "{{ [0] * 1000000000 }}",
                "{{ ([0] * 1000) * 1000000000 }}",
                "{{ [[0] * 1000000] * 1000000 }}",
                "{{ 'a' * 1000000000 }}",
                "{{ 'a'.center(1000000000) }}",
                "{{ 'a'|center(1000000000) }}",
                "{{ 'a\\nb'|indent(1000000000) }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '{:1000000000}'.format(1) }}",
                "{{ '%.1000000000f' % 1 }}",
                "{{ [1]|tojson(indent=1000000000) }}",
                "{{ [1]|batch(1000000000, 0)|list }}",
                "{{ [1]|slice(1000000000)|list }}",
                "{{ 'a'.expandtabs(1000000000) }}{{ '\\t'.expandtabs(1000000000) }}",
                "{{ 10 ** 1000000000 }}",
                "{{ 10 ** (10 ** 10) }}",
                "{% set ns = namespace(v=10) %}{% for i in range(100) %}{% set ns.v = ns.v * ns.v %}{% endfor %}",
                "{% set ns = namespace(v='ab') %}{% for i in range(100) %}{% set ns.v = ns.v + ns.v %}{% endfor %}",
                "{% set ns = namespace(v='ab') %}{% for i in range(100) %}{% set ns.v = ns.v.replace('a', ns.v) %}"
                        + "{% endfor %}",
                "{% set ns = namespace(v=['ab']) %}{% for i in range(100) %}{% set ns.v = ns.v + ns.v %}{% endfor %}",
                "{% set ns = namespace(v='ab') %}{% for i in range(100) %}{% set ns.v = [ns.v, ns.v]|join(ns.v) %}"
                        + "{% endfor %}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m() %}{% set x %}{{ m() }}{% endset %}{% endmacro %}{{ m() }}",
                "{% macro m() %}{{ 'a' * 1000000 }}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
                "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}",
                "{% set ns = namespace(v=[1]) %}{% for i in range(90000) %}{% set ns.v = ns.v|map('string') %}"
                        + "{% endfor %}{{ ns.v|list }}",
                NESTED_LIST + "{{ ns.v }}",
                NESTED_LIST + "{{ ns.v|tojson }}",
                NESTED_LIST + "{{ ns.v|pprint }}",
                NESTED_LIST + "{% set a = ns.v %}" + NESTED_LIST + "{{ ns.v == a }}",
                NESTED_LIST + "{% set a = ns.v %}" + NESTED_LIST + "{{ ns.v < a }}",
                SHARED_LIST + "{{ ns.v }}",
                SHARED_LIST + "{{ ns.v|tojson }}",
                SHARED_LIST + "{{ ns.v|pprint }}",
                SHARED_LIST + "{% set a = ns.v %}" + SHARED_LIST + "{{ ns.v == a }}",
                SHARED_TUPLE + "{{ {ns.v: 1} }}",
                SHARED_TUPLE + "{{ {}[ns.v] }}",
                MEGABYTE + "{% for i in range(100000) %}{% if 'b' in m %}{% endif %}{% endfor %}",
                MEGABYTE + "{% for i in range(100000) %}{% if m == m ~ '' %}{% endif %}{% endfor %}",
                MEGABYTE + "{% for i in range(100000) %}{% set x = m[1:] %}{% endfor %}",
                MEGABYTE + "{% set m = m ~ 'é😀' %}{% for i in range(100000) %}{% set x = m[999999] %}{% endfor %}",
                MEGABYTE + "{% for i in range(100000) %}{% set x = m|upper %}{% endfor %}",
                MEGABYTE + "{% for i in range(100000) %}{% set x = m.strip('b') %}{% endfor %}",
                MEGABYTE + "{% for i in range(100000) %}{% set x = [1]|map(attribute=m)|first %}{% endfor %}",
                MEGABYTE + "{% for i in range(100000) %}{% set x = {}[m] %}{% endfor %}{{ m * 100 }}",
                MEGABYTE + "{% for i in range(100000) %}{% set x = m.split('a') %}{% endfor %}",
                MEGABYTE + "{% for i in range(100000) %}{{ m }}{% endfor %}",
            })
    void bombs_end_in_a_template_exception(String template) {
        assertThat(failure(template)).isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(", "[", "{1:", "{{", "{% if x %}", "{% for i in x %}", "not ", "-", "1 if 1 else ", "a.b(", "a[",
                        "{#",
                "{% raw %}", "{% macro m() %}", "'", "{% set x %}", "{%", "{% if ", "+", "a|b(", "{-%}", "\\", "{ ",
                        "\n",
            })
    void a_megabyte_of_one_piece_compiles_or_fails_soon(String piece) {
        String repeated = piece.repeat((1 << 20) / piece.length());
        assertFailsOrRenders(piece.startsWith("{") ? repeated : "{{ " + repeated);
    }

    private static void assertFailsOrRenders(String template) {
        assertThat(failure(template))
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(TemplateException.class),
                        e -> assertThat(e).hasMessage("it rendered"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ %sa }}¦a + ",
                "{{ %sa }}¦a ~ ",
                "{{ a%s }}¦.b",
                "{{ a%s }}¦|upper",
                "{{ a%s }}¦[0]",
                "{{ a%s }}¦()",
                "{{ a %s }}¦if a ",
                "{{ %sa }}¦a or ",
                "{{ %s2 }}¦1 < ",
                "{{ %s }}¦'a' ",
                "{{ [%s] }}¦1, ",
                "%s¦{{ 1 }}",
                "%s¦{# c #}",
                "{% if a %}%s{% endif %}¦{% elif b %}",
                "%s¦{% if a %}{% set b = 1 %}{% endif %}",
                "{{ {%s} }}¦1: 1, ",
                "%s¦{%- set a %} {% endset -%} ",
                "{%set a = %s%}¦1,",
            })
    void long_chains_compile_or_fail_soon(String shapeAndPiece) {
        String[] parts = shapeAndPiece.split("¦", 2);
        assertFailsOrRenders(parts[0].replace("%s", parts[1].repeat((1 << 18) / parts[1].length())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__.__mro__ }}",
                "{{ ''['__class__']['__base__'] }}",
                "{{ x.__init__.__globals__ }}",
                "{{ (''|attr('__class__')).__subclasses__() }}",
                "{{ '{0.__class__.__mro__}'.format(1) }}",
                "{{ range.__self__.eval }}",
                "{{ ''.getClass().forName('java.lang.Runtime') }}",
                "{{ [].append(1) }}",
                "{{ {}.update({1: 2}) }}",
                "{{ [1].pop() }}",
                "{{ messages.class.classLoader.x }}",
                "{% include '/etc/passwd' %}",
                "{% import 'os' as os %}",
                "{% from 'os' import path %}",
                "{% extends 'base' %}",
            })
    void nothing_outside_can_be_reached(String template) {
        assertThatThrownBy(() -> Rendering.render(template, "{\"messages\": []}"))
                .isInstanceOf(TemplateException.class);
    }

    @Test
    void failures_say_their_line() {
        assertThatThrownBy(() -> Rendering.render("a\n{% if x %}\n{{ y.z }}\n{% endif %}", "{\"x\": 1}"))
                .isInstanceOf(TemplateException.class)
                .hasMessage("'y' is undefined (chat template, line 3)");
        assertThatThrownBy(() -> ChatTemplate.compile("a\n\n{% for x y %}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("line 3");
        assertThatThrownBy(() -> Rendering.render("{% macro m() %}\n{{ 1 }}\n{% endmacro %}\n{{ m() ~ (1 + 'a') }}"))
                .hasMessageContaining("line 4");
    }

    @Test
    void a_refusal_is_told_from_a_failure() {
        assertThatThrownBy(() -> Rendering.render("{{ raise_exception('No system role, please') }}"))
                .isInstanceOfSatisfying(
                        TemplateRefusal.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo("No system role, please"));
    }

    @Test
    void limits_can_be_set() {
        TemplateLimits limits = new TemplateLimits(100, 10, 50, 20, 10, 100, 100);
        TemplateInput input = TemplateInput.of(Rendering.JSON.createArrayNode());
        assertThatThrownBy(() -> ChatTemplate.compile("a".repeat(101), limits)).hasMessageContaining("100 characters");
        assertThatThrownBy(() -> ChatTemplate.compile("{{ " + "(".repeat(11) + "1", limits))
                .hasMessageContaining("10 levels");
        assertThatThrownBy(() -> ChatTemplate.compile("{% for i in range(40) %}{{ i }}{% endfor %}", limits)
                        .render(input))
                .hasMessageContaining("50 steps");
        assertThatThrownBy(() -> ChatTemplate.compile("{{ 'a' * 11 }}", limits).render(input))
                .hasMessageContaining("10 characters");
    }
}
