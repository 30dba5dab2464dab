// void shim_switch(void **save, void *load): changes to another fiber's stack; x86-64, System V.
.text
.globl shim_switch
.type shim_switch,@function
shim_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp,(%rdi)
    mov %rsi,%rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
.size shim_switch,.-shim_switch
.section .note.GNU-stack,"",@progbits
