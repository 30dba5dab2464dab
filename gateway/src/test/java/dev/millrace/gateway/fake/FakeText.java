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
        List<GeneratedToken> tokens = new ArrayList<>();
        for (int index = 0; index < limit; index++) {
            tokens.add(token(request, ids.get(index), index));
            pending = pending.concat(FakeVocabulary.bytes(ids.get(index)));
            if (!pending.isValidUtf8() && index + 1 < limit) {
                continue;
            }
            String text = new String(pending.toByteArray(), StandardCharsets.UTF_8);
            pending = ByteString.EMPTY;
            int before = all.length();
            int stop = firstStop(all.append(text), before, request.getStopList());
            if (stop >= 0) {
                rewind(events, stop, all, choice, tokens);
                events.add(finished(choice, FinishReason.FINISH_REASON_STOP, index + 1));
                return events;
            }
            events.add(delta(choice, text, tokens));
            tokens = new ArrayList<>();
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
            List<GenerateEvent> events, int stop, StringBuilder all, int choice, List<GeneratedToken> tokens) {
        int shown = 0;
        List<GenerateEvent> kept = new ArrayList<>();
        for (GenerateEvent event : events) {
            String text = event.getDelta().getText();
            int take = Math.max(0, Math.min(text.length(), stop - shown));
            kept.add(delta(choice, text.substring(0, take), event.getDelta().getTokensList()));
            shown += text.length();
        }
        kept.add(delta(choice, shown < stop ? all.substring(shown, stop) : "", tokens));
        events.clear();
        events.addAll(kept);
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

    private static GenerateEvent delta(int choice, String text, List<GeneratedToken> tokens) {
        return GenerateEvent.newBuilder()
                .setDelta(GenerationDelta.newBuilder()
                        .setChoice(choice)
                        .setText(text)
                        .addAllTokens(tokens))
                .build();
    }

    private static GenerateEvent finished(int choice, FinishReason reason, int tokens) {
        return GenerateEvent.newBuilder()
                .setFinished(GenerationFinished.newBuilder()
                        .setChoice(choice)
                        .setReason(reason)
                        .setCompletionTokens(tokens))
                .build();
    }

    private static GeneratedToken token(GenerateRequest request, int id, int index) {
        GeneratedToken.Builder token =
                GeneratedToken.newBuilder().setId(id).setIndex(index).setBytes(FakeVocabulary.bytes(id));
        if (request.getSampling().getLogprobs()) {
            TokenLogprob.Builder logprob = TokenLogprob.newBuilder().setLogprob(-0.125f);
            for (int i = 0; i < request.getSampling().getTopLogprobs(); i++) {
                int other = (id + i) % FakeVocabulary.size();
                logprob.addTopTokenIds(other).addTopLogprobs(i == 0 ? -0.125f : -3f - i);
                token.addTopTokenBytes(FakeVocabulary.bytes(other));
            }
            token.setLogprob(logprob);
        }
        return token.build();
    }
}
