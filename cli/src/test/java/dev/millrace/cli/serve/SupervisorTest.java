package dev.millrace.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SupervisorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final RecordedLog recorded = new RecordedLog();

    @Test
    void each_line_has_the_name_of_its_process() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("first", "echo hello; cat"), shell("second", "echo oops >&2; cat"));

        supervisor.start();

        recorded.await("first    | hello", 1);
        recorded.await("second   | oops", 1);
        supervisor.stop();
    }

    @Test
    void a_process_starts_when_the_one_before_it_is_ready() throws InterruptedException {
        ProcessSpec follower = new ProcessSpec("follower", List.of("/bin/sh", "-c", "echo up; cat"), Map.of(), "first");
        Supervisor supervisor =
                supervisor(follower, shell("first", "echo begun; sleep 0.3; echo READY on port 1; cat"));

        supervisor.start();

        recorded.await("follower | up", 1);
        assertThat(recorded.text().lines())
                .containsExactly("first    | begun", "first    | READY on port 1", "follower | up");
        supervisor.stop();
    }

    @Test
    void tells_when_every_process_has_been_ready() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("first", "echo READY; cat"), shell("second", "read line; cat"));
        supervisor.start();
        recorded.await("first    | READY", 1);
        assertThat(supervisor.everyProcessWasReady()).isFalse();
        supervisor.stop();

        Supervisor other = supervisor(shell("third", "echo READY; echo more; cat"));
        other.start();
        recorded.await("third    | more", 1);
        assertThat(other.everyProcessWasReady()).isTrue();
        other.stop();
    }

    @Test
    void a_process_that_dies_is_started_again() throws InterruptedException {
        Supervisor supervisor = supervisor(
                shell("worker", "echo begun; read line; exit 1"),
                shell("killed", "echo up; [ -e /nowhere ] || sleep 0.2; kill -9 $$"));

        supervisor.start();
        supervisor.ready();

        recorded.await("worker   | begun", 1);
        recorded.await("killed   | up", 3);
        supervisor.stop();
        assertThat(recorded.text()).contains("millrace | killed died with signal 9; starting it again in 0.2 s");
        assertThat(recorded.text()).contains("millrace | killed died with signal 9; starting it again in 0.4 s");
    }

    @Test
    void gives_up_on_a_process_that_dies_five_times_within_a_minute() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("worker", "exit 3"));

        supervisor.start();

        assertThat(supervisor.awaitGivingUp(PATIENCE))
                .contains("worker died 5 times within a minute, at last with exit code 3");
        supervisor.stop();
    }

    @Test
    void a_worker_that_lost_its_device_is_started_again_even_before_readiness() throws InterruptedException {
        Supervisor supervisor =
                supervisor(shell("worker", "echo up; echo 'error: CUDA 0 answers nothing any more' >&2; exit 3"));

        supervisor.start();

        recorded.await("worker   | up", 2);
        recorded.await("worker   | error: CUDA 0 answers nothing any more", 1);
        recorded.await("millrace | worker died with exit code 3; starting it again in 0.2 s", 1);
        supervisor.stop();
    }

    @Test
    void a_users_error_before_readiness_ends_it_at_once() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("worker", "echo 'error: too little memory' >&2; exit 2"));

        supervisor.start();

        assertThat(supervisor.awaitGivingUp(PATIENCE)).contains("worker cannot start: too little memory");
        assertThat(recorded.text()).isEmpty();
        supervisor.stop();
    }

    @Test
    void exit_code_1_is_a_users_error_where_the_process_says_so() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("gateway", "echo 'error: port 1 is in use' >&2; exit 1"));

        supervisor.start();

        assertThat(supervisor.awaitGivingUp(PATIENCE)).contains("gateway cannot start: port 1 is in use");
        supervisor.stop();
    }

    @Test
    void after_readiness_a_users_error_is_a_death_like_any_other() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("worker", "echo up; sleep 0.1; echo 'error: bad luck' >&2; exit 2"));

        supervisor.ready();
        supervisor.start();

        recorded.await("worker   | up", 2);
        recorded.await("worker   | error: bad luck", 1);
        supervisor.stop();
    }

    @Test
    void a_program_that_is_not_there_ends_it() throws InterruptedException {
        Supervisor supervisor = supervisor(new ProcessSpec("ghost", List.of("/no/such/program"), Map.of(), ""));

        supervisor.start();

        assertThat(supervisor.awaitGivingUp(PATIENCE).orElseThrow()).startsWith("cannot start ghost: ");
        supervisor.stop();
    }

    @Test
    void stopping_ends_the_last_first_and_starts_nothing_again() throws InterruptedException {
        String polite = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done";
        Supervisor supervisor = supervisor(shell("one", polite), shell("two", polite), shell("gateway", polite));
        supervisor.start();
        recorded.await("one      | up", 1);
        recorded.await("two      | up", 1);
        recorded.await("gateway  | up", 1);

        supervisor.stop();

        recorded.await("one      | bye", 1);
        recorded.await("two      | bye", 1);
        List<String> goodbyes =
                recorded.text().lines().filter(line -> line.endsWith("bye")).toList();
        assertThat(goodbyes).hasSize(3);
        assertThat(goodbyes.getFirst()).isEqualTo("gateway  | bye");
        assertThat(supervisor.awaitGivingUp(Duration.ofMillis(300))).isEqualTo(Optional.empty());
        assertThat(recorded.text()).doesNotContain("starting it again");
    }

    @Test
    void a_process_that_does_not_listen_is_killed_after_the_grace() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("deaf", "trap '' TERM; echo up $$; while :; do sleep 0.05; done"));
        supervisor.start();
        long processId = awaitProcessId("deaf     | up ");

        supervisor.stop();

        assertThat(ProcessHandle.of(processId).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void stopping_twice_or_before_anything_runs_does_no_harm() throws InterruptedException {
        Supervisor supervisor = supervisor(shell("worker", "cat"));
        supervisor.stop();
        supervisor.start();
        supervisor.stop();
        assertThat(recorded.text()).isEmpty();
    }

    @Test
    void ctrl_c_in_the_terminal_does_not_reach_the_processes() throws InterruptedException {
        List<String> command = Detached.command(List.of("/bin/sh", "-c", "echo up $$; read line; echo read; cat"));
        Supervisor supervisor = supervisor(new ProcessSpec("worker", command, Map.of(), ""));
        supervisor.start();
        long processId = awaitProcessId("worker   | up ");

        signal("INT", processId);
        signal("HUP", processId);

        assertThat(supervisor.awaitGivingUp(Duration.ofMillis(300))).isEmpty();
        assertThat(ProcessHandle.of(processId).filter(ProcessHandle::isAlive)).isPresent();
        assertThat(recorded.text()).doesNotContain("read");
        supervisor.stop();
        assertThat(ProcessHandle.of(processId).filter(ProcessHandle::isAlive)).isEmpty();
    }

    private long awaitProcessId(String start) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - end < 0) {
            Optional<String> line = recorded.text()
                    .lines()
                    .filter(text -> text.startsWith(start))
                    .findFirst();
            if (line.isPresent()) {
                return Long.parseLong(line.get().substring(start.length()));
            }
            Thread.sleep(10);
        }
        throw new AssertionError("waited in vain for '" + start + "'");
    }

    private static void signal(String name, long processId) throws InterruptedException {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + processId)
                    .start()
                    .waitFor();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private Supervisor supervisor(ProcessSpec... processes) {
        return new Supervisor(List.of(processes), recorded.log, Duration.ofSeconds(2));
    }

    private static ProcessSpec shell(String name, String script) {
        return new ProcessSpec(name, List.of("/bin/sh", "-c", script), Map.of(), "");
    }
}
