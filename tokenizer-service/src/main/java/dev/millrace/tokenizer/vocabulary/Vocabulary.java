package dev.millrace.tokenizer.vocabulary;

import java.util.Objects;
import java.util.OptionalInt;
import java.util.SortedSet;

/// The tokens of a model: ids `0` to `size() - 1` with their text and type, and the roles that some of them have.
public final class Vocabulary {
    private final TokenTexts texts;
    private final byte[] types;
    private final TokenRoles roles;

    Vocabulary(TokenTexts texts, byte[] types, TokenRoles roles) {
        this.texts = texts;
        this.types = types;
        this.roles = roles;
    }

    public int size() {
        return types.length;
    }

    public boolean contains(int id) {
        return id >= 0 && id < types.length;
    }

    /// The token as the file spells it (byte-level tokens in GPT-2's alphabet, spaces of SentencePiece as U+2581):
    /// right
    /// for special tokens, not for showing; see [Tokenizer#piece]. Throws IndexOutOfBoundsException for an unknown id.
    public String text(int id) {
        return texts.text(Objects.checkIndex(id, types.length));
    }

    /// Throws IndexOutOfBoundsException for an unknown id.
    public TokenType type(int id) {
        return TokenType.ofOrdinal(types[id]);
    }

    /// The token that the file spells like this.
    public OptionalInt idOf(String text) {
        int id = texts.find(text);
        return id == TokenTexts.ABSENT ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// Beginning of a sequence.
    public OptionalInt bosTokenId() {
        return roles.bos();
    }

    /// End of a sequence.
    public OptionalInt eosTokenId() {
        return roles.eos();
    }

    /// What stands for text that no token covers.
    public OptionalInt unknownTokenId() {
        return roles.unknown();
    }

    /// What ends a text for WordPiece models.
    public OptionalInt separatorTokenId() {
        return roles.separator();
    }

    /// Whether a text that is encoded with special tokens begins with [#bosTokenId].
    public boolean addsBos() {
        return roles.addsBos();
    }

    /// Whether a text that is encoded with special tokens ends with [#eosTokenId].
    public boolean addsEos() {
        return roles.addsEos();
    }

    /// Whether a text that is encoded with special tokens ends with [#separatorTokenId].
    public boolean addsSeparator() {
        return roles.addsSeparator();
    }

    /// The tokens that end an answer, ascending: end of sequence, of turn and of message as the file names them, and
    /// the
    /// control tokens known by their text (`<|im_end|>`, `<|eot_id|>`, `<end_of_turn>`, ...).
    public SortedSet<Integer> endTokenIds() {
        return roles.ends();
    }

    public boolean isEndToken(int id) {
        return roles.ends().contains(id);
    }

    /// Whether only text that may hold special tokens can become this token: control tokens, and tokens added by the
    /// model's maker that look like a mark between messages (`<|user|>`).
    boolean needsTrust(int id) {
        return switch (type(id)) {
            case CONTROL, UNKNOWN -> true;
            case USER_DEFINED -> isMark(texts.text(id));
            default -> false;
        };
    }

    TokenTexts texts() {
        return texts;
    }

    /// `<|name|>`, also with DeepSeek's full-width bars.
    static boolean isMark(String text) {
        return (text.startsWith("<|") || text.startsWith("<｜")) && (text.endsWith("|>") || text.endsWith("｜>"));
    }
}
