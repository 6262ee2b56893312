/* The sample channel, as it lies in sample/: built into the program. See src/app/sample.c. */
    .section .rodata
    .balign 16
    .globl sample_resellers, sample_resellers_end
sample_resellers:
    .incbin "sample/adventureworks/resellers.csv.gz"
sample_resellers_end:
    .globl sample_products, sample_products_end
sample_products:
    .incbin "sample/adventureworks/products.csv.gz"
sample_products_end:
    .globl sample_sales, sample_sales_end
sample_sales:
    .incbin "sample/adventureworks/reseller_sales.csv.gz"
sample_sales_end:
    .section .note.GNU-stack, "", %progbits
