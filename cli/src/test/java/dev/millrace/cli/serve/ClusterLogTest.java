package dev.millrace.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterLogTest {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @Test
    void names_are_padded_and_streams_kept_apart() {
        ClusterLog log = log(false);

        log.own("a");
        log.output("gateway", "b");
        log.error("worker-1", "c");

        assertThat(output.toString(UTF_8)).isEqualToNormalizingNewlines("millrace   | a\ngateway    | b\n");
        assertThat(errors.toString(UTF_8)).isEqualToNormalizingNewlines("worker-1   | c\n");
    }

    @Test
    void colour_is_for_terminals_and_the_same_for_each_line_of_a_process() {
        ClusterLog log = log(true);

        log.output("one", "a");
        log.output("two", "b");
        log.output("one", "c");

        List<String> lines = output.toString(UTF_8).lines().toList();
        assertThat(lines.get(0)).isEqualTo("\u001B[36mone        | \u001B[0ma");
        assertThat(lines.get(1)).startsWith("\u001B[33m");
        assertThat(lines.get(2)).startsWith("\u001B[36m");
    }

    @Test
    void the_notice_about_incubator_modules_is_no_news() {
        log(false).error("worker-1", "WARNING: Using incubator modules: jdk.incubator.vector");

        assertThat(errors.size()).isZero();
    }

    private ClusterLog log(boolean coloured) {
        return new ClusterLog(new PrintStream(output, true, UTF_8), new PrintStream(errors, true, UTF_8), coloured, 10);
    }
}
