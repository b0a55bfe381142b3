//! The RSA keys of the throwaway authorities: 2048 bits, made once by OpenSSL for this folder. They protect nothing.

/// The two primes of a key, big-endian, as hex. The exponent is 65537.
pub(super) type Primes = [&'static str; 2];

/// The root.
pub(super) const ARK: Primes = [
    "\
        f7ebaa82a9678c06a1fae1715607f3b8c82f5ff86e83f4736bb77b32b96cf9d7bace9194eb65eae2\
        55849acd4e41d55ceae53a5ccf7ee7266e51281fb904b3086e2018cdf2794827fbca67d1f4bf1edf\
        71a2619084b042dc88e77dfb9a1cff71c5e2645474cea56d19deb6a14148a056745c7799fde5fcc9\
        7698234580ad647f",
    "\
        ccc5464051eaeed4cff3902fe0c1e3e1fd6bfef1eb3c55ee6f2551348198de3031bdeee17d58638b\
        de900490b18fa72818f3bb5decef965905d9a2af7ec17126da92f087229bb0c4eaf73da1d8f3b5b7\
        004ed345d4aa26c45d182d5afa5e3b9976a974b2faa5bf5d052f58f2250234001c48229dfe7fecd3\
        a6279731d32ee869",
];
/// Signs VCEKs.
pub(super) const ASK: Primes = [
    "\
        fb44cb5cda2990465aedec11394721814c012beead0b37767a6ee08f42cf87632dee05085cd6fe38\
        51efb1e6e8c5401832e109b6d2a5bc492e3bf20edc7ca93d4b8092b911d983c63aac1dccc833fb63\
        38fc58458652f7b61760d1ef0159c78b05a9ca4fd780faecb78ef0b0357ee254db163beed68458dc\
        0c2b27130c694ddd",
    "\
        eb6dd572ef526bc1bf19734bf2a2fada376d78865a5f4e1b19bedd99028cf12859a5f78c63bf7081\
        4e29b36f6b8fd5365859b54e554a206ca84a892a43ee5fdec89e3499ca814c28e8bd172bb5bdca79\
        fb2196cc70ee94562e8aea72ce729ffb5961a3fc8fa1023acf33fdc8b9b6083e8e3184b602e50260\
        2687df801a09d707",
];
/// Signs VLEKs.
pub(super) const ASVK: Primes = [
    "\
        f5b98bfecbb4223cef6dbad83fabfeafb19ebd97f51acc5e5f52a96423a3cfd08f1ffa81f56b1fb8\
        2dcca6fbb0c5adf4d843d7f5cb738c7b10f682571b85d0590a16017b3f7c9bbdb7aa12960810c0db\
        1a197c8ced0fd718f19353a0fca75bd577046191b43ff0c8a3ba13814363a3e7cc8b2e38edfcb6f0\
        adf4f816292c424b",
    "\
        e1ae774f6dd70013486b388c782c19a680378071e1a13a75084c959e30c7204eb9fa94539426287b\
        ab4ca29fea23ccc6bfb3d2202c99bc13ce3129453020b11a239b13299f1765a542adcc92531c0fa4\
        0349002cc8aae1d8f85b4e7f092da538099c6255a95e9f15f1b528c11f837d024965635d40ad44f0\
        ca2025c9a41ebe89",
];
/// A root that nobody trusts.
pub(super) const OTHER: Primes = [
    "\
        f55be226212e2f65b800904e6fa7c757dccf31e36450ec8fde8869b19b0755c54bf5f9d194feda01\
        7f01272bd1e242895ad9d863c4154fc41f68a4d31292162018a686d1eb446c024865b9b0df42098f\
        097e498822de5786f41db3cc2c8da010cea4c6c1cb805f6192c6b6059dcfc2d3479c057dd72845a2\
        de4d880cc5df76c3",
    "\
        c9daa347b872101e1a3aa099732d17962becb1895d39061b6ab8c1d8966d1ca84bd1a42193b73442\
        ae9c52ac0a4e3dc9ec96db3c67a23196e5eaa6fc497576316125bed2d80ac838968a38fe2a082ae4\
        c526a97433597027c0a2a7468469dcffb6a21463280e70dd670794775d507d3087abcb71ed7f3612\
        551579e61332a0f5",
];
