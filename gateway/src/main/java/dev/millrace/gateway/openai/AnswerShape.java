package dev.millrace.gateway.openai;

import dev.millrace.gateway.json.JsonText;

/// Where chat and plain completions differ in what they answer.
enum AnswerShape {
    /// `POST /v1/chat/completions`.
    CHAT("chatcmpl-", "chat.completion", "chat.completion.chunk") {
        @Override
        boolean hasOpening() {
            return true;
        }

        @Override
        void appendOpening(StringBuilder out) {
            out.append("\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");
        }

        @Override
        void appendDelta(StringBuilder out, String text) {
            out.append("\"delta\":{\"content\":");
            JsonText.quote(out, text);
            out.append('}');
        }

        @Override
        void appendEnd(StringBuilder out) {
            out.append("\"delta\":{}");
        }

        @Override
        void appendWhole(StringBuilder out, CharSequence text) {
            out.append("\"message\":{\"role\":\"assistant\",\"content\":");
            JsonText.quote(out, text);
            out.append(",\"refusal\":null}");
        }

        @Override
        LogprobsWriter newLogprobs() {
            return new ChatLogprobs();
        }
    },

    /// `POST /v1/completions`.
    COMPLETION("cmpl-", "text_completion", "text_completion") {
        @Override
        boolean hasOpening() {
            return false;
        }

        @Override
        void appendOpening(StringBuilder out) {
            appendEnd(out);
        }

        @Override
        void appendDelta(StringBuilder out, String text) {
            appendWhole(out, text);
        }

        @Override
        void appendEnd(StringBuilder out) {
            out.append("\"text\":\"\"");
        }

        @Override
        void appendWhole(StringBuilder out, CharSequence text) {
            out.append("\"text\":");
            JsonText.quote(out, text);
        }

        @Override
        LogprobsWriter newLogprobs() {
            return new CompletionLogprobs();
        }
    };

    private final String idPrefix;
    private final String wholeObject;
    private final String chunkObject;

    AnswerShape(String idPrefix, String wholeObject, String chunkObject) {
        this.idPrefix = idPrefix;
        this.wholeObject = wholeObject;
        this.chunkObject = chunkObject;
    }

    /// How ids of answers start.
    String idPrefix() {
        return idPrefix;
    }

    /// The `object` of an answer in one piece.
    String wholeObject() {
        return wholeObject;
    }

    /// The `object` of a chunk.
    String chunkObject() {
        return chunkObject;
    }

    /// True when a stream starts with a chunk that says who speaks.
    abstract boolean hasOpening();

    /// Appends the middle of the first chunk's choice.
    abstract void appendOpening(StringBuilder out);

    /// Appends the middle of a choice with new text.
    abstract void appendDelta(StringBuilder out, String text);

    /// Appends the middle of the last chunk's choice.
    abstract void appendEnd(StringBuilder out);

    /// Appends the middle of a choice with all its text.
    abstract void appendWhole(StringBuilder out, CharSequence text);

    /// A writer of log probabilities for one choice.
    abstract LogprobsWriter newLogprobs();
}
