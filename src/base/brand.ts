/** A primitive that the compiler keeps apart from its bare type; costs nothing at run time. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
