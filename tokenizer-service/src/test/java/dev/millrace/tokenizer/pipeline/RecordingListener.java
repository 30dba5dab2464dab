package dev.millrace.tokenizer.pipeline;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.RefusalReason;
import dev.millrace.proto.v1.TokenLogprob;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes down what a sequence is told, a word each.
final class RecordingListener implements SequenceListener {
    final List<String> told = new ArrayList<>();

    @Override
    public void accepted() {
        told.add("accepted");
    }

    @Override
    public void token(int index, int tokenId, @Nullable TokenLogprob logprob) {
        told.add(index + ":" + tokenId + (logprob == null ? "" : "@" + logprob.getLogprob()));
    }

    @Override
    public void finished(FinishReason reason, int cachedPromptTokens) {
        told.add(reason.name().replace("FINISH_REASON_", "") + " cached " + cachedPromptTokens);
    }

    @Override
    public void refused(RefusalReason reason, String message) {
        told.add("refused " + message);
    }

    @Override
    public void lost(String message) {
        told.add("lost");
    }
}
