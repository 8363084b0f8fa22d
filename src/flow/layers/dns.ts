/** A DNS message with Skydive's JSON keys; keys are left out when they are empty, false or 0. */
export interface DnsLayer {
  readonly AA?: boolean;
  readonly ID?: number;
  readonly QR?: boolean;
  readonly RA?: boolean;
  readonly RD?: boolean;
  readonly TC?: boolean;
  readonly a_n_count?: number;
  readonly a_r_count?: number;
  readonly additionals?: readonly DnsResourceRecord[];
  readonly answers?: readonly DnsResourceRecord[];
  readonly authorities?: readonly DnsResourceRecord[];
  readonly n_s_count?: number;
  /** `Query`, `Inverse Query`, … */
  readonly op_code?: string;
  readonly q_d_count?: number;
  readonly questions?: readonly DnsQuestion[];
  /** `No Error`, `Non-Existent Domain`, … */
  readonly response_code?: string;
  readonly z?: number;
  readonly timestamp?: { readonly seconds?: number; readonly nanos?: number };
}

export interface DnsQuestion {
  readonly name?: string;
  readonly type?: string;
  readonly class?: string;
}

export interface DnsResourceRecord extends DnsQuestion {
  readonly TTL?: number;
  readonly data_length?: number;
  readonly IP?: string;
  readonly NS?: string;
  readonly c_name?: string;
  readonly PTR?: string;
  readonly TXTs?: readonly string[];
  readonly SOA?: {
    readonly m_name?: string;
    readonly r_name?: string;
    readonly serial?: number;
    readonly refresh?: number;
    readonly retry?: number;
    readonly expire?: number;
    readonly minimum?: number;
  };
  readonly SRV?: { readonly priority?: number; readonly weight?: number; readonly port?: number; readonly name?: string };
  readonly MX?: { readonly preference?: number; readonly name?: string };
  readonly OPT?: readonly { readonly code?: string; readonly data?: string }[];
}
