package dev.millrace.tokenizer.vocabulary;

import java.util.Arrays;

/// GPT-2's alphabet, in which vocabularies of byte-level BPE are spelt: each byte is one printable character, itself
/// where it is one in Latin-1 and a character from U+0100 on where it is not.
final class ByteAlphabet {
    private static final int[] CHARACTER_OF_BYTE = new int[256];
    private static final int[] BYTE_OF_CHARACTER = new int[0x100 + 68];

    static {
        Arrays.fill(BYTE_OF_CHARACTER, -1);
        int next = 0x100;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value > ' ' && value < 0x7F) || (value > 0xA0 && value != 0xAD);
            int character = printable ? value : next++;
            CHARACTER_OF_BYTE[value] = character;
            BYTE_OF_CHARACTER[character] = value;
        }
    }

    private ByteAlphabet() {}

    /// The text of the token for one byte, 0 to 255.
    static String text(int value) {
        return Character.toString(CHARACTER_OF_BYTE[value]);
    }

    /// Appends the bytes that a token means. A token with a character beyond the alphabet means its own UTF-8.
    ///
    /// @return whether the token is spelt in the alphabet
    static boolean decode(String text, ByteList target) {
        if (!text.chars().allMatch(ByteAlphabet::contains)) {
            text.codePoints().forEach(target::addCodePoint);
            return false;
        }
        for (int index = 0; index < text.length(); index++) {
            target.add(BYTE_OF_CHARACTER[text.charAt(index)]);
        }
        return true;
    }

    private static boolean contains(int character) {
        return character < BYTE_OF_CHARACTER.length && BYTE_OF_CHARACTER[character] >= 0;
    }
}
