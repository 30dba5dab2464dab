package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.engine.TestClient.Answer;
import dev.millrace.worker.schedule.Oracle;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CancellationTest {

    private static final int REQUESTS_AT_ONCE = 50;

    @ParameterizedTest(name = "{0} stages, {1} blocks, {2} requests")
    @CsvSource({"1, 200, 3000", "2, 30, 4000", "3, 200, 3000"})
    void requests_cancelled_at_random_moments_leave_nothing_behind(int stages, int blocks, int requests) {
        long threadsBefore = engineThreads();
        StageSettings settings = new StageSettings(7, 0, stages, 200, 16, blocks, 128, 48, 100, true);
        try (TestPipeline pipeline = new TestPipeline(settings)) {
            Random random = new Random(stages);
            TestClient watching = new TestClient(pipeline.engine);
            List<Answer> undisturbed = new ArrayList<>();
            for (int done = 0; done < requests; done += REQUESTS_AT_ONCE) {
                TestClient client = new TestClient(pipeline.engine);
                undisturbed.add(watching.submit(Requests.any(random, 60, 5)));
                cancelAll(client, client.submit(someRequests(random)), random);
                client.check();
            }

            for (Answer answer : undisturbed) {
                assertThat(answer.tokens()).isEqualTo(Oracle.continuation(answer.request, 200));
            }
            EngineStatistics statistics = pipeline.statistics;
            EngineTest.await(() -> statistics.runningSequences() + statistics.waitingSequences() == 0);
            EngineTest.await(() -> statistics.usedBlocks() == 0);
            assertThat(statistics.cachedBlocks() + statistics.freeBlocks()).isEqualTo(blocks);
            assertThat(pipeline.failures).isEmpty();
            watching.check();
        }
        assertThat(engineThreads()).isEqualTo(threadsBefore);
    }

    private static List<SequenceRequest> someRequests(Random random) {
        List<SequenceRequest> requests = new ArrayList<>();
        for (int i = 0; i < REQUESTS_AT_ONCE; i++) {
            requests.add(Requests.any(random, 150, 150));
        }
        return requests;
    }

    /// Some one by one, with pauses between; then the rest by cancelling all or by closing the stream.
    private static void cancelAll(TestClient client, List<Answer> answers, Random random) {
        List<Answer> shuffled = new ArrayList<>(answers);
        Collections.shuffle(shuffled, random);
        int singly = random.nextInt(shuffled.size());
        for (Answer answer : shuffled.subList(0, singly)) {
            pause(random.nextInt(3_000));
            client.cancel(answer.sequenceId);
        }
        pause(random.nextInt(300_000));
        if (random.nextBoolean()) {
            client.cancel(shuffled.subList(singly, shuffled.size()).stream()
                    .mapToLong(answer -> answer.sequenceId)
                    .toArray());
        } else {
            client.connection.close();
        }
    }

    private static void pause(int spins) {
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
    }

    private static long engineThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("engine-stage-"))
                .count();
    }
}
