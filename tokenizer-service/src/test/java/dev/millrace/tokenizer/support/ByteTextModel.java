package dev.millrace.tokenizer.support;

import dev.millrace.tokenizer.model.ChatInput;
import dev.millrace.tokenizer.model.RenderedChat;
import dev.millrace.tokenizer.model.TemplateRefusal;
import dev.millrace.tokenizer.model.TextModel;
import dev.millrace.tokenizer.text.TokenDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/// A model whose tokens are the 256 bytes, with [#END] as end token and [#BEGIN] as begin token.
public final class ByteTextModel implements TextModel {
    /// The end token.
    public static final int END = 256;

    /// The begin token, added where specials are.
    public static final int BEGIN = 257;

    @Override
    public int vocabularySize() {
        return 258;
    }

    @Override
    public Set<Integer> endTokenIds() {
        return Set.of(END);
    }

    @Override
    public boolean hasChatTemplate() {
        return true;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int extra = addSpecial ? 1 : 0;
        int[] ids = new int[bytes.length + extra];
        ids[0] = addSpecial ? BEGIN : ids[0];
        for (int i = 0; i < bytes.length; i++) {
            ids[i + extra] = bytes[i] & 0xff;
        }
        return ids;
    }

    @Override
    public RenderedChat render(ChatInput input) {
        if (input.messagesJson().contains("refuse")) {
            throw new TemplateRefusal("Conversation roles must alternate");
        }
        return new RenderedChat(
                List.of(new RenderedChat.Part("<", true), new RenderedChat.Part(input.messagesJson(), false)));
    }

    @Override
    public int[] encode(RenderedChat chat) {
        return encode(chat.text(), false, false);
    }

    @Override
    public byte[] piece(int tokenId) {
        return tokenId < 256 ? new byte[] {(byte) tokenId} : new byte[0];
    }

    @Override
    public String decode(int[] tokenIds) {
        TokenDecoder decoder = decoder();
        StringBuilder text = new StringBuilder();
        for (int id : tokenIds) {
            text.append(decoder.add(id));
        }
        return text.append(decoder.finish()).toString();
    }

    @Override
    public TokenDecoder decoder() {
        return new ByteDecoder();
    }

    /// Bytes as token ids.
    public static int[] ids(String text) {
        return new ByteTextModel().encode(text, false, false);
    }
}
