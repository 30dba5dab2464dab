package dev.millrace.gateway.openai;

import com.google.protobuf.ByteString;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.TokenLogprob;
import java.util.HashSet;
import java.util.Set;

/// The form of plain completions: four lists side by side, an entry a token.
final class CompletionLogprobs implements LogprobsWriter {
    private final StringBuilder tokens = new StringBuilder();
    private final StringBuilder tokenLogprobs = new StringBuilder();
    private final StringBuilder topLogprobs = new StringBuilder();
    private final StringBuilder textOffsets = new StringBuilder();

    /// Characters that started in the tokens so far; a token that starts inside a character belongs to that one.
    private int characters;

    @Override
    public void add(GeneratedToken token) {
        if (!tokens.isEmpty()) {
            tokens.append(',');
            tokenLogprobs.append(',');
            topLogprobs.append(',');
            textOffsets.append(',');
        }
        float logprob = token.hasLogprob() ? token.getLogprob().getLogprob() : IMPOSSIBLE;
        String text = token.getBytes().toStringUtf8();
        JsonText.quote(tokens, text);
        LogprobsWriter.appendNumber(tokenLogprobs, logprob);
        appendAlternatives(token, text, logprob);
        appendOffset(token.getBytes());
    }

    @Override
    public void drainTo(StringBuilder out) {
        out.append("{\"tokens\":[").append(tokens);
        out.append("],\"token_logprobs\":[").append(tokenLogprobs);
        out.append("],\"top_logprobs\":[").append(topLogprobs);
        out.append("],\"text_offset\":[").append(textOffsets).append("]}");
        tokens.setLength(0);
        tokenLogprobs.setLength(0);
        topLogprobs.setLength(0);
        textOffsets.setLength(0);
    }

    /// An object by token text, the chosen token included. Several parts of characters read alike: the likeliest stays.
    private void appendAlternatives(GeneratedToken token, String chosen, float chosenLogprob) {
        TokenLogprob logprob = token.getLogprob();
        Set<String> seen = new HashSet<>();
        topLogprobs.append('{');
        int alternatives = Math.min(logprob.getTopLogprobsCount(), token.getTopTokenBytesCount());
        for (int i = 0; i < alternatives; i++) {
            appendEntry(seen, token.getTopTokenBytes(i).toStringUtf8(), logprob.getTopLogprobs(i));
        }
        appendEntry(seen, chosen, chosenLogprob);
        topLogprobs.append('}');
    }

    private void appendEntry(Set<String> seen, String text, float logprob) {
        boolean first = seen.isEmpty();
        if (!seen.add(text)) {
            return;
        }
        if (!first) {
            topLogprobs.append(',');
        }
        JsonText.quote(topLogprobs, text);
        topLogprobs.append(':');
        LogprobsWriter.appendNumber(topLogprobs, logprob);
    }

    private void appendOffset(ByteString bytes) {
        boolean inside = !bytes.isEmpty() && continues(bytes.byteAt(0));
        textOffsets.append(inside ? Math.max(0, characters - 1) : characters);
        for (int i = 0; i < bytes.size(); i++) {
            if (!continues(bytes.byteAt(i))) {
                characters++;
            }
        }
    }

    /// True for the second and later bytes of a character in UTF-8.
    private static boolean continues(byte unit) {
        return (unit & 0xc0) == 0x80;
    }
}
