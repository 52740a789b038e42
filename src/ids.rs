//! The keys of rows. A contact's key cannot be handed over where a company's is meant.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A company, a customer of ours.
    CompanyId,
    /// A person at a company.
    ContactId,
    /// A purchase.
    TransactionId,
    /// One applied framework.
    FrameworkId,
    /// Segments that may come into the framework.
    DraftId,
    /// One version of a question.
    VersionId,
    /// A back-office user.
    UserId,
    /// An API token.
    ApiTokenId,
    /// A contact on its way through a drip.
    EnrolmentId,
    /// One step of a drip as sent to one contact.
    InvitationId,
    /// One mail.
    MailId,
    /// A workshop on the framework.
    WorkshopId,
    /// A need or a segment that a colleague proposed there.
    ProposalId,
    /// One colleague's reading of an answer in own words.
    CodingId,
    /// A step of the plan for a company.
    PlanStepId,
    /// Something that whoever looks after a company should know.
    AlertId,
    /// One company merged into another.
    MergeId,
    /// A call, a mail or a meeting with a contact.
    ConversationId,
    /// A page of figures kept under a name.
    ViewId,
    /// Something to put before companies.
    OfferId,
}
