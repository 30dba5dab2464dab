package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.TokenLogprob;

/// Walks the log probabilities of a report, which list only the tokens of sequences that asked for them.
final class LogprobCursor {
    private final StepReport report;
    private int next;

    LogprobCursor(StepReport report) {
        this.report = report;
    }

    boolean hasNext() {
        return next < report.getLogprobsCount();
    }

    TokenLogprob next() {
        return report.getLogprobs(next++);
    }
}
