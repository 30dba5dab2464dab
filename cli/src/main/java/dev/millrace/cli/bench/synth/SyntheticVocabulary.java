package dev.millrace.cli.bench.synth;

import dev.millrace.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.List;

/// A byte-level BPE vocabulary that makes any text, though not in any language's words: the 256 bytes, then tokens of
/// two, three and four letters of which the first may be a space, each a merge of a shorter one and a letter, and the
/// family's special tokens at the end.
final class SyntheticVocabulary {
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    /// How a byte-level vocabulary writes a space.
    private static final String SPACE = "\u0120";

    private final Family family;
    private final List<String> tokens = new ArrayList<>();
    private final List<String> merges = new ArrayList<>();

    SyntheticVocabulary(Family family, int size) {
        this.family = family;
        addBytes();
        addMerges(size - family.specialTokens().size());
        tokens.addAll(family.specialTokens());
    }

    private void addBytes() {
        int unprintable = 0;
        for (int value = 0; value < 256; value++) {
            boolean printable = value >= '!' && value <= '~' || value >= 0xA1 && value != 0xAD;
            tokens.add(Character.toString(printable ? value : 256 + unprintable++));
        }
    }

    private void addMerges(int end) {
        List<String> shorter = new ArrayList<>(List.of(SPACE));
        for (char letter = 'a'; letter <= 'z'; letter++) {
            shorter.add(String.valueOf(letter));
        }
        while (tokens.size() < end) {
            List<String> longer = new ArrayList<>();
            for (String start : shorter) {
                for (char letter = 'a'; letter <= 'z' && tokens.size() < end; letter++) {
                    merges.add(start + " " + letter);
                    tokens.add(start + letter);
                    longer.add(start + letter);
                }
            }
            shorter = longer;
        }
    }

    void addTo(GgufWriter writer) {
        int firstSpecial = tokens.size() - family.specialTokens().size();
        int[] types = new int[tokens.size()];
        for (int id = 0; id < types.length; id++) {
            types[id] = id < firstSpecial ? NORMAL : CONTROL;
        }
        writer.string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", family.preTokenizer())
                .strings("tokenizer.ggml.tokens", tokens)
                .int32s("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", merges)
                .uint32("tokenizer.ggml.bos_token_id", firstSpecial + family.beginning())
                .uint32("tokenizer.ggml.eos_token_id", firstSpecial + family.end())
                .bool("tokenizer.ggml.add_bos_token", family.addsBeginning())
                .string("tokenizer.chat_template", family.chatTemplate());
    }
}
