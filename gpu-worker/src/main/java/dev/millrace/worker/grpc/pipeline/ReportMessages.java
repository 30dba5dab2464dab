package dev.millrace.worker.grpc.pipeline;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.FinishedSequence;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.RefusedSequence;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.TokenLogprob;

/// Writes the engine's reports as messages: one a step, its tokens in parallel arrays without an object each.
final class ReportMessages {

    private ReportMessages() {}

    static StepReport of(dev.millrace.worker.engine.StepReport report) {
        StepReport.Builder message =
                StepReport.newBuilder().setEpoch(report.epoch()).setStep(report.step());
        for (int i = 0; i < report.acceptedCount(); i++) {
            message.addAccepted(report.accepted(i));
        }
        for (var refused : report.refused()) {
            message.addRefused(RefusedSequence.newBuilder()
                    .setSequenceId(refused.sequenceId())
                    .setReason(reason(refused.reason()))
                    .setMessage(refused.message()));
        }
        for (int i = 0; i < report.tokenCount(); i++) {
            message.addTokenSequenceIds(report.tokenSequence(i));
            message.addTokenIds(report.tokenId(i));
            message.addTokenIndexes(report.tokenIndex(i));
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
