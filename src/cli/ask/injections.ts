/** What is asked of an injection, with these fields of each node that sends. */
const injectionFields = (
  node: string,
): string => `id type filePackets state sent count error trackingId srcIp dstIp startedAt node { ${node} }
  sendings { state sent error trackingId srcIp dstIp node { ${node} } }`;

/** Of its nodes who began it wants to know the name. */
export const BEGUN_FIELDS = injectionFields('name host');
export const INJECTION_FIELDS = injectionFields('id name host');

export const CANCEL_INJECTION = 'mutation ($id: ID!) { cancelInjection(id: $id) { injection { id } } }';
