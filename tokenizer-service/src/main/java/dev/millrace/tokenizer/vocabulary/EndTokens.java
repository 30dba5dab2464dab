package dev.millrace.tokenizer.vocabulary;

import java.util.Set;

/// Tokens that end an answer, known by their text: few files name more than one of theirs.
final class EndTokens {
    static final Set<String> TEXTS = Set.of(
            "<|im_end|>",
            "<|eot_id|>",
            "<|eom_id|>",
            "<|end|>",
            "<|endoftext|>",
            "<|end_of_text|>",
            "<｜end▁of▁sentence｜>",
            "<|return|>",
            "<|call|>",
            "<|calls|>",
            "<|flush|>",
            "<|fim_pad|>",
            "<|fim_repo|>",
            "<|repo_name|>",
            "<|file_sep|>",
            "<end_of_turn>",
            "<turn|>",
            "<end_of_utterance>",
            "<|tool_response>",
            "</s>",
            "<eos>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "[EOS]",
            "[e~[");

    private EndTokens() {}

    /// Whether a token with this text and type ends an answer. Files made by careless hands give such tokens the type
    /// of
    /// ordinary ones; that is believed only where the text can be a word of its own (`</s>` in HTML).
    static boolean isEnd(String text, TokenType type) {
        return TEXTS.contains(text) && (type != TokenType.NORMAL || Vocabulary.isMark(text));
    }

    /// Models that end an answer with `<|return|>` or `<|call|>` use `<|end|>` between the messages of one answer.
    static boolean endIsWithinAnswers(Set<String> ends) {
        boolean calls = ends.contains("<|call|>") || ends.contains("<|calls|>");
        return calls && (ends.contains("<|return|>") || ends.contains("<|flush|>"));
    }
}
