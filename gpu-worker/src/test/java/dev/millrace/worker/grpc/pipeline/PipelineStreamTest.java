package dev.millrace.worker.grpc.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.worker.engine.ArrivalBatch;
import dev.millrace.worker.engine.EngineClient;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineStreamTest {

    private final RecordedCall call = new RecordedCall();
    private final RecordedEngine engine = new RecordedEngine();
    private final PipelineStream stream = new PipelineStream(7, new SubmissionCheck(100), new ReportQueue(call));

    private static final class RecordedEngine implements EngineClient {
        final List<ArrivalBatch> batches = new ArrayList<>();
        boolean takes = true;
        boolean closed;

        @Override
        public boolean arrive(ArrivalBatch batch) {
            batches.add(batch);
            return takes;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static SubmittedSequence.Builder sequence(long id, int token) {
        return SubmittedSequence.newBuilder()
                .setSequenceId(id)
                .addTokenIds(token)
                .setMaxTokens(1)
                .setSampling(SamplingParameters.newBuilder().setTopP(1).setRepeatPenalty(1));
    }

    private static dev.millrace.proto.v1.ArrivalBatch.Builder batch() {
        return dev.millrace.proto.v1.ArrivalBatch.newBuilder().setEpoch(7);
    }

    @Test
    void good_sequences_and_cancellations_reach_the_engine_and_bad_ones_are_refused() {
        stream.connect(sink -> engine);
        stream.onNext(batch().addSubmitted(sequence(1, 5))
                .addSubmitted(sequence(2, 100))
                .addSubmitted(sequence(3, 6))
                .addCancelled(9)
                .build());
        assertThat(engine.batches).hasSize(1);
        assertThat(engine.batches.getFirst().submitted())
                .extracting(each -> each.sequenceId())
                .containsExactly(1L, 3L);
        assertThat(engine.batches.getFirst().cancelled()).containsExactly(9L);
        assertThat(call.sent).hasSize(1);
        assertThat(call.sent.getFirst().getEpoch()).isEqualTo(7);
        assertThat(call.sent.getFirst().getRefused(0).getSequenceId()).isEqualTo(2);
        assertThat(call.sent.getFirst().getRefused(0).getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_INVALID);
        assertThat(call.end).isNull();
    }

    @Test
    void the_next_batch_is_asked_for_when_one_was_taken() {
        stream.connect(sink -> engine);
        stream.arrivalsTaken();
        assertThat(call.requested).isEqualTo(1);
    }

    @Test
    void another_epoch_ends_the_stream() {
        stream.connect(sink -> engine);
        stream.onNext(batch().setEpoch(8).addSubmitted(sequence(1, 1)).build());
        assertEnded(Status.Code.FAILED_PRECONDITION);
        assertThat(engine.batches).isEmpty();
    }

    private void assertEnded(Status.Code code) {
        assertThat(call.end).isNotNull().extracting(Status::getCode).isEqualTo(code);
        assertThat(engine.closed).isTrue();
    }

    @Test
    void an_engine_that_takes_nothing_ends_the_stream() {
        stream.connect(sink -> engine);
        engine.takes = false;
        stream.onNext(batch().build());
        assertEnded(Status.Code.UNAVAILABLE);
    }

    @Test
    void an_engine_that_has_ended_ends_the_stream() {
        stream.connect(sink -> {
            throw new IllegalStateException("the engine has ended");
        });
        assertThat(call.end).isNotNull().extracting(Status::getDescription).isEqualTo("the engine has ended");
    }

    @Test
    void the_engine_hears_when_the_client_goes() {
        stream.connect(sink -> engine);
        stream.gone();
        assertThat(engine.closed).isTrue();
        assertThat(call.end).isNull();
        stream.ended("nobody is told any more");
        assertThat(call.end).isNull();
    }

    @Test
    void a_client_that_closes_is_answered_by_the_end() {
        stream.connect(sink -> engine);
        stream.onCompleted();
        assertEnded(Status.Code.OK);
    }

    @Test
    void reports_are_merged_while_the_client_does_not_read_and_sent_when_it_does() {
        stream.connect(sink -> engine);
        call.ready = false;
        for (int id = 0; id < 10_000; id++) {
            stream.onNext(batch().addSubmitted(sequence(id, 200)).build());
        }
        assertThat(call.sent).isEmpty();
        call.ready = true;
        stream.writable();
        assertThat(call.sent).hasSizeBetween(2, 50);
        List<Long> ids = new ArrayList<>();
        for (StepReport report : call.sent) {
            assertThat(report.getEpoch()).isEqualTo(7);
            report.getRefusedList().forEach(refused -> ids.add(refused.getSequenceId()));
        }
        assertThat(ids).hasSize(10_000).isSorted();
        stream.onNext(batch().addSubmitted(sequence(1, 200)).build());
        assertThat(call.sent.getLast().getRefusedCount()).isEqualTo(1);
    }

    @Test
    void a_client_that_never_reads_is_cut() {
        stream.connect(sink -> engine);
        call.ready = false;
        for (int id = 0; call.end == null; id++) {
            stream.onNext(batch().addSubmitted(sequence(id, 200)).build());
        }
        assertEnded(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(call.sent).isEmpty();
    }
}
