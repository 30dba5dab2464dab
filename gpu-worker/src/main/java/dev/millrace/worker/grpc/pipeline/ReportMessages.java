package dev.millrace.worker.grpc.pipeline;

import com.google.protobuf.CodedOutputStream;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.FinishedSequence;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.RefusedSequence;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.TokenLogprob;

/// Writes the engine's reports as messages: one a step. The tokens go into parallel arrays without an object each; what
/// is rarer is left to protobuf.
final class ReportMessages {

    private ReportMessages() {}

    /// Adds the report to `target`.
    static void write(dev.millrace.worker.engine.StepReport report, ReportBytes target) {
        target.number(StepReport.EPOCH_FIELD_NUMBER, report.epoch());
        target.number(StepReport.STEP_FIELD_NUMBER, report.step());
        if (report.tokenCount() > 0) {
            writeTokens(report, target);
        }
        int others = report.acceptedCount() + report.refused().size() + report.logprobCount() + report.finishedCount();
        if (others > 0) {
            target.append(others(report).toByteArray());
        }
    }

    private static void writeTokens(dev.millrace.worker.engine.StepReport report, ReportBytes target) {
        int sequenceBytes = 0;
        int idBytes = 0;
        int indexBytes = 0;
        for (int i = 0; i < report.tokenCount(); i++) {
            sequenceBytes += CodedOutputStream.computeUInt64SizeNoTag(report.tokenSequence(i));
            idBytes += CodedOutputStream.computeUInt32SizeNoTag(report.tokenId(i));
            indexBytes += CodedOutputStream.computeUInt32SizeNoTag(report.tokenIndex(i));
        }
        target.packed(StepReport.TOKEN_SEQUENCE_IDS_FIELD_NUMBER, sequenceBytes);
        for (int i = 0; i < report.tokenCount(); i++) {
            target.varint(report.tokenSequence(i));
        }
        target.packed(StepReport.TOKEN_IDS_FIELD_NUMBER, idBytes);
        for (int i = 0; i < report.tokenCount(); i++) {
            target.varint(report.tokenId(i));
        }
        target.packed(StepReport.TOKEN_INDEXES_FIELD_NUMBER, indexBytes);
        for (int i = 0; i < report.tokenCount(); i++) {
            target.varint(report.tokenIndex(i));
        }
    }

    private static StepReport others(dev.millrace.worker.engine.StepReport report) {
        StepReport.Builder message = StepReport.newBuilder();
        for (int i = 0; i < report.acceptedCount(); i++) {
            message.addAccepted(report.accepted(i));
        }
        for (var refused : report.refused()) {
            message.addRefused(RefusedSequence.newBuilder()
                    .setSequenceId(refused.sequenceId())
                    .setReason(reason(refused.reason()))
                    .setMessage(refused.message()));
        }
        for (int i = 0; i < report.logprobCount(); i++) {
            TokenLogprob.Builder logprob = message.addLogprobsBuilder().setLogprob(report.logprob(i));
            for (int k = 0; k < report.topCount(i); k++) {
                logprob.addTopTokenIds(report.topTokenId(i, k)).addTopLogprobs(report.topLogprob(i, k));
            }
        }
        for (int i = 0; i < report.finishedCount(); i++) {
            message.addFinished(FinishedSequence.newBuilder()
                    .setSequenceId(report.finished(i))
                    .setReason(reason(report.finishReason(i)))
                    .setCachedPromptTokens(report.cachedPromptTokens(i)));
        }
        return message.build();
    }

    private static RefusalReason reason(dev.millrace.worker.schedule.RefusalReason reason) {
        return switch (reason) {
            case QUEUE_FULL -> RefusalReason.REFUSAL_REASON_QUEUE_FULL;
            case TOO_LONG -> RefusalReason.REFUSAL_REASON_TOO_LONG;
            case INVALID -> RefusalReason.REFUSAL_REASON_INVALID;
        };
    }

    private static FinishReason reason(dev.millrace.worker.schedule.FinishReason reason) {
        return switch (reason) {
            case STOP -> FinishReason.FINISH_REASON_STOP;
            case LENGTH -> FinishReason.FINISH_REASON_LENGTH;
        };
    }
}
