package dev.millrace.cli.chat;

/// One turn of a conversation; the role is `system`, `user` or `assistant`.
record Message(String role, String content) {}
