package dev.millrace.gateway.openai;

import com.google.protobuf.ByteString;
import dev.millrace.gateway.json.JsonText;
import dev.millrace.proto.v1.GeneratedToken;
import dev.millrace.proto.v1.TokenLogprob;

/// Chat's form: a list of tokens with their text, exact bytes and alternatives.
final class ChatLogprobs implements LogprobsWriter {
    private final StringBuilder content = new StringBuilder();

    @Override
    public void add(GeneratedToken token) {
        if (!content.isEmpty()) {
            content.append(',');
        }
        TokenLogprob logprob = token.getLogprob();
        open(token.getBytes(), token.hasLogprob() ? logprob.getLogprob() : IMPOSSIBLE);
        content.append(",\"top_logprobs\":[");
        int alternatives = Math.min(logprob.getTopLogprobsCount(), token.getTopTokenBytesCount());
        for (int i = 0; i < alternatives; i++) {
            if (i > 0) {
                content.append(',');
            }
            open(token.getTopTokenBytes(i), logprob.getTopLogprobs(i));
            content.append('}');
        }
        content.append("]}");
    }

    @Override
    public void drainTo(StringBuilder out) {
        out.append("{\"content\":[").append(content).append("],\"refusal\":null}");
        content.setLength(0);
    }

    private void open(ByteString bytes, float logprob) {
        content.append("{\"token\":");
        JsonText.quote(content, bytes.toStringUtf8());
        content.append(",\"logprob\":");
        LogprobsWriter.appendNumber(content, logprob);
        content.append(",\"bytes\":[");
        for (int i = 0; i < bytes.size(); i++) {
            if (i > 0) {
                content.append(',');
            }
            content.append(bytes.byteAt(i) & 0xff);
        }
        content.append(']');
    }
}
