package dev.millrace.gateway.fake;

import com.google.protobuf.ByteString;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationFinished;
import dev.millrace.proto.v1.TokenLogprob;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// One choice that follows from the prompt and the seed alone: its events, prepared in full.
final class FakeText {
    private static final int END = 3000;

    private FakeText() {}

    static List<GenerateEvent> events(GenerateRequest request, int promptHash, long seed, int choice) {
        int limit = request.getMaxTokens() == 0 ? END : Math.min(END, request.getMaxTokens());
        List<Integer> ids = ids(limit, promptHash, seed);
        List<GenerateEvent> events = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        ByteString pending = ByteString.EMPTY;
        List<Integer> fresh = new ArrayList<>();
        for (int index = 0; index < limit; index++) {
            fresh.add(ids.get(index));
            pending = pending.concat(FakeVocabulary.bytes(ids.get(index)));
            if (!pending.isValidUtf8() && index + 1 < limit) {
                continue;
            }
            String text = new String(pending.toByteArray(), StandardCharsets.UTF_8);
            pending = ByteString.EMPTY;
            int before = all.length();
            int stop = firstStop(all.append(text), before, request.getStopList());
            if (stop >= 0) {
                rewind(events, stop, all, choice, delta(request, choice, "", index, fresh));
                events.add(finished(choice, FinishReason.FINISH_REASON_STOP, index + 1));
                return events;
            }
            events.add(delta(request, choice, text, index, fresh));
            fresh.clear();
        }
        events.add(finished(choice, FinishReason.FINISH_REASON_LENGTH, limit));
        return events;
    }

    private static List<Integer> ids(int limit, int promptHash, long seed) {
        SplittableRandom random = new SplittableRandom(31L * promptHash + seed);
        List<Integer> ids = new ArrayList<>();
        while (ids.size() < limit) {
            int draw = random.nextInt(FakeVocabulary.wordCount() + 1);
            if (draw < FakeVocabulary.wordCount()) {
                ids.add(draw);
            } else if (ids.size() + FakeVocabulary.waveIds().size() <= limit) {
                ids.addAll(FakeVocabulary.waveIds());
            }
        }
        return ids;
    }

    /// Nobody has seen the events yet, so the stop string is cut out of those that are there.
    private static void rewind(
            List<GenerateEvent> events, int stop, StringBuilder all, int choice, GenerateEvent last) {
        int shown = 0;
        List<GenerateEvent> kept = new ArrayList<>();
        for (GenerateEvent event : events) {
            String text = event.getDelta().getText();
            int take = Math.max(0, Math.min(text.length(), stop - shown));
            kept.add(withText(event, text.substring(0, take)));
            shown += text.length();
        }
        kept.add(withText(last, shown < stop ? all.substring(shown, stop) : ""));
        events.clear();
        events.addAll(kept);
    }

    private static GenerateEvent withText(GenerateEvent event, String text) {
        return event.toBuilder()
                .setDelta(event.getDelta().toBuilder().setText(text))
                .build();
    }

    private static int firstStop(StringBuilder all, int before, List<String> stops) {
        int first = -1;
        for (String stop : stops) {
            int at = all.indexOf(stop, Math.max(0, before - stop.length() + 1));
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /// An event whose last token has the given index.
    private static GenerateEvent delta(
            GenerateRequest request, int choice, String text, int lastIndex, List<Integer> ids) {
        GenerationDelta.Builder delta = GenerationDelta.newBuilder()
                .setChoice(choice)
                .setText(text)
                .setFirstIndex(lastIndex + 1 - ids.size())
                .addAllTokenIds(ids);
        if (request.getSampling().getLogprobs()) {
            ids.forEach(id -> delta.addTokens(token(request, id)));
        }
        return GenerateEvent.newBuilder().setDelta(delta).build();
    }

    private static GenerateEvent finished(int choice, FinishReason reason, int tokens) {
        return GenerateEvent.newBuilder()
                .setFinished(GenerationFinished.newBuilder()
                        .setChoice(choice)
                        .setReason(reason)
                        .setCompletionTokens(tokens))
                .build();
    }

    private static GeneratedToken token(GenerateRequest request, int id) {
        GeneratedToken.Builder token = GeneratedToken.newBuilder().setBytes(FakeVocabulary.bytes(id));
        TokenLogprob.Builder logprob = TokenLogprob.newBuilder().setLogprob(-0.125f);
        for (int i = 0; i < request.getSampling().getTopLogprobs(); i++) {
            int other = (id + i) % FakeVocabulary.size();
            logprob.addTopTokenIds(other).addTopLogprobs(i == 0 ? -0.125f : -3f - i);
            token.addTopTokenBytes(FakeVocabulary.bytes(other));
        }
        return token.setLogprob(logprob).build();
    }
}
