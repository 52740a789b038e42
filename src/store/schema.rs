//! The tables of both databases, written by hand: `migrations/README.md` says what they share.

diesel::table! {
    frameworks (id) {
        id -> BigInt,
        fingerprint -> Text,
        document -> Text,
        applied_at -> Timestamp,
        applied_by -> Text,
        changes -> Nullable<Text>,
        change_count -> Nullable<Integer>,
        counts -> Nullable<Text>,
    }
}

diesel::table! {
    question_versions (id) {
        id -> BigInt,
        question -> Text,
        version -> Integer,
        definition -> Text,
        made_at -> Timestamp,
        answers -> Nullable<BigInt>,
        counted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    question_wordings (id) {
        id -> BigInt,
        version_id -> BigInt,
        definition -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    archived_parts (kind, code) {
        kind -> Text,
        code -> Text,
        definition -> Text,
        archived_at -> Timestamp,
        framework_id -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        email_key -> Text,
        role -> Text,
        password_hash -> Text,
        disabled -> Bool,
        created_at -> Timestamp,
        lead_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        user_id -> BigInt,
        created_at -> Timestamp,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        name -> Text,
        role -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        stands_for -> Nullable<Text>,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> BigInt,
        at -> Timestamp,
        actor -> Text,
        action -> Text,
        subject -> Text,
        detail -> Text,
    }
}

diesel::table! {
    companies (id) {
        id -> BigInt,
        external_id -> Text,
        name -> Text,
        name_key -> Text,
        customer_since -> Nullable<Date>,
        industry -> Nullable<Text>,
        country -> Nullable<Text>,
        region -> Nullable<Text>,
        employees -> Nullable<BigInt>,
        annual_revenue -> Nullable<Double>,
        customer_type -> Nullable<Text>,
        journey_stage -> Nullable<Text>,
        behaviour -> Nullable<Text>,
        technology_level -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        owner_email -> Nullable<Text>,
        tier -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        parent_id -> Nullable<BigInt>,
        behaviour_given -> Nullable<Text>,
        behaviour_found -> Nullable<Text>,
    }
}

diesel::table! {
    company_attributes (company_id, name) {
        company_id -> BigInt,
        name -> Text,
        value -> Text,
        worked_out -> Bool,
    }
}

diesel::table! {
    company_domains (domain, company_id) {
        domain -> Text,
        company_id -> BigInt,
        position -> Integer,
    }
}

diesel::table! {
    contacts (id) {
        id -> BigInt,
        external_id -> Text,
        company_id -> Nullable<BigInt>,
        email -> Text,
        email_key -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        name_key -> Text,
        role -> Nullable<Text>,
        language -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    contact_attributes (contact_id, name) {
        contact_id -> BigInt,
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    transactions (id) {
        id -> BigInt,
        external_id -> Text,
        company_id -> BigInt,
        contact_id -> Nullable<BigInt>,
        product -> Nullable<Text>,
        amount -> Nullable<Double>,
        occurred_at -> Timestamp,
        needs -> Nullable<Text>,
        attributes -> Text,
        arrived_at -> Timestamp,
    }
}

diesel::table! {
    answers (company_id, contact_id, question, row_code, at, seq) {
        company_id -> BigInt,
        contact_id -> BigInt,
        question -> Text,
        row_code -> Text,
        at -> Timestamp,
        seq -> Integer,
        version_id -> BigInt,
        value -> Text,
        channel -> Text,
        author -> Nullable<Text>,
        invitation_id -> Nullable<BigInt>,
        suspect -> Bool,
        recorded_at -> Timestamp,
        late -> Bool,
        own_words -> Bool,
    }
}

diesel::table! {
    contact_needs (company_id, contact_id, need) {
        company_id -> BigInt,
        contact_id -> BigInt,
        need -> Text,
        n -> Integer,
        mean -> Double,
        squares -> Double,
        exponent -> Double,
        weight -> Double,
        weighed -> Double,
        weight_squares -> Double,
    }
}

diesel::table! {
    contact_evidence (company_id, contact_id) {
        company_id -> BigInt,
        contact_id -> BigInt,
        answers -> Integer,
        answered_at -> Timestamp,
    }
}

diesel::table! {
    company_needs (company_id, need) {
        company_id -> BigInt,
        need -> Text,
        score -> Double,
        n -> Integer,
        n_eff -> Double,
        between_contacts -> Double,
        se -> Double,
        r_wg -> Nullable<Double>,
    }
}

diesel::table! {
    company_evidence (company_id) {
        company_id -> BigInt,
        answers -> Integer,
        contacts_answered -> Integer,
        answered_at -> Timestamp,
        scores -> Nullable<Binary>,
    }
}

diesel::table! {
    company_months (company_id) {
        company_id -> BigInt,
        rule -> Text,
        until -> Integer,
        points -> Text,
    }
}

diesel::table! {
    segment_drafts (id) {
        id -> BigInt,
        segments -> Text,
        origin -> Text,
        made_by -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    calibrations (need) {
        need -> Text,
        sigma2 -> Double,
        omega2 -> Double,
        mu -> Double,
        tau2 -> Double,
        calibrated_at -> Timestamp,
    }
}

diesel::table! {
    overrides (company_id) {
        company_id -> BigInt,
        segment -> Text,
        reason -> Text,
        made_by -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    survey_segments (company_id) {
        company_id -> BigInt,
        segment -> Text,
        fits -> Nullable<Text>,
        runner_up -> Nullable<Text>,
        margin -> Nullable<Double>,
        confidence -> Nullable<Double>,
    }
}

diesel::table! {
    sales_tags (company_id) {
        company_id -> BigInt,
        segment -> Text,
        reason -> Text,
        made_by -> Text,
        made_at -> Timestamp,
        blind -> Bool,
        sureness -> Nullable<Integer>,
    }
}

diesel::table! {
    deal_segments (company_id) {
        company_id -> BigInt,
        segment -> Text,
    }
}

diesel::table! {
    company_segments (company_id) {
        company_id -> BigInt,
        segment -> Text,
        source -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    segment_changes (id) {
        id -> BigInt,
        company_id -> BigInt,
        at -> Timestamp,
        from_segment -> Nullable<Text>,
        to_segment -> Nullable<Text>,
        source -> Text,
        made_by -> Text,
        why -> Text,
    }
}

diesel::table! {
    drips (code) {
        code -> Text,
        state -> Text,
        cause -> Nullable<Text>,
        changed_at -> Timestamp,
        sent -> BigInt,
        hard_bounces -> BigInt,
        complaints -> BigInt,
    }
}

diesel::table! {
    enrolments (id) {
        id -> BigInt,
        drip -> Text,
        contact_id -> BigInt,
        company_id -> BigInt,
        transaction_id -> Nullable<BigInt>,
        occasion -> Text,
        state -> Text,
        next_step -> Integer,
        next_at -> Nullable<Timestamp>,
        cause -> Nullable<Text>,
        enrolled_at -> Timestamp,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        enrolment_id -> BigInt,
        step -> Integer,
        drip -> Text,
        contact_id -> BigInt,
        company_id -> BigInt,
        framework_id -> BigInt,
        nonce -> Text,
        made_at -> Timestamp,
        first_sent_at -> Nullable<Timestamp>,
        closes_at -> Nullable<Timestamp>,
        opened_at -> Nullable<Timestamp>,
        answered_at -> Nullable<Timestamp>,
        rev -> Integer,
        framework_step -> Integer,
        awaited -> Bool,
        passed -> Text,
        questions -> Nullable<Text>,
    }
}

diesel::table! {
    link_tokens (hash) {
        hash -> Text,
        purpose -> Text,
        invitation_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        invitation_id -> BigInt,
        nth -> Integer,
        drip -> Text,
        step -> Integer,
        contact_id -> BigInt,
        company_id -> BigInt,
        to_address -> Text,
        state -> Text,
        due_at -> Timestamp,
        waits_for -> Nullable<Text>,
        attempts -> Integer,
        owner -> Nullable<Text>,
        maybe_duplicate -> Bool,
        message_id -> Nullable<Text>,
        reply -> Nullable<Text>,
        made_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        domain -> Text,
        tries -> Integer,
        first_tried_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
        accepted_at -> Nullable<Timestamp>,
        followed -> Bool,
    }
}

diesel::table! {
    frozen_mails (mail_id) {
        mail_id -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    specimens (id) {
        id -> BigInt,
        fingerprint -> Text,
        bytes -> Binary,
    }
}

diesel::table! {
    frozen_changes (mail_id) {
        mail_id -> BigInt,
        specimen_id -> BigInt,
        changes -> Binary,
    }
}

diesel::table! {
    sent_marks (mail_id) {
        mail_id -> BigInt,
        attempts -> Integer,
        reply -> Text,
        sent_at -> Timestamp,
        accepted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    captured_mails (id) {
        id -> BigInt,
        mail_id -> Nullable<BigInt>,
        to_address -> Text,
        subject -> Text,
        bytes -> Binary,
        at -> Timestamp,
    }
}

diesel::table! {
    suppressions (email_key, drip) {
        email_key -> Text,
        drip -> Text,
        reason -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    visits (invitation_id) {
        invitation_id -> BigInt,
        respond_at -> Nullable<Timestamp>,
        preferences_at -> Nullable<Timestamp>,
        unsubscribe_at -> Nullable<Timestamp>,
        view_at -> Nullable<Timestamp>,
        swept_at -> Nullable<Timestamp>,
        hits -> BigInt,
    }
}

diesel::table! {
    test_links (hash) {
        hash -> Text,
        purpose -> Text,
        drip -> Text,
        step -> Integer,
        contact_id -> BigInt,
        made_by -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    mail_wishes (email_key) {
        email_key -> Text,
        gap_days -> Nullable<Integer>,
        paused_until -> Nullable<Timestamp>,
        away_until -> Nullable<Timestamp>,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    strikes (email_key) {
        email_key -> Text,
        score -> Double,
        counted_on -> Date,
        doubtful_on -> Nullable<Date>,
    }
}

diesel::table! {
    domain_holds (drip, domain) {
        drip -> Text,
        domain -> Text,
        cause -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    domain_paces (domain) {
        domain -> Text,
        per_minute -> Integer,
        halved_at -> Timestamp,
        throttled_at -> Timestamp,
    }
}

diesel::table! {
    incoming_mails (id) {
        id -> BigInt,
        kind -> Text,
        at -> Timestamp,
        invitation_id -> Nullable<BigInt>,
        contact_id -> Nullable<BigInt>,
        drip -> Text,
        subject -> Text,
        words -> Text,
        fingerprint -> Text,
    }
}

diesel::table! {
    import_runs (id) {
        id -> BigInt,
        what -> Text,
        file_name -> Text,
        made_by -> Text,
        at -> Timestamp,
        created -> BigInt,
        updated -> BigInt,
        unchanged -> BigInt,
    }
}

diesel::table! {
    marks (name) {
        name -> Text,
        value -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    giveback_sums (version_id, row_code, kin) {
        version_id -> BigInt,
        row_code -> Text,
        kin -> Text,
        companies -> BigInt,
        respondents -> BigInt,
        voices -> Text,
        renewed_at -> Timestamp,
    }
}

diesel::table! {
    giveback_companies (company_id, version_id, row_code) {
        company_id -> BigInt,
        version_id -> BigInt,
        row_code -> Text,
    }
}

diesel::table! {
    workshops (id) {
        id -> BigInt,
        title -> Text,
        question -> Text,
        votes_each -> Integer,
        state -> Text,
        opened_by -> Text,
        opened_at -> Timestamp,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        framework_id -> Nullable<BigInt>,
        result -> Nullable<Text>,
    }
}

diesel::table! {
    proposals (id) {
        id -> BigInt,
        workshop_id -> BigInt,
        kind -> Text,
        name -> Text,
        description -> Text,
        level -> Text,
        profile -> Text,
        code -> Nullable<Text>,
        author -> Text,
        made_at -> Timestamp,
        merged_into -> Nullable<BigInt>,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    proposal_votes (proposal_id, voter) {
        proposal_id -> BigInt,
        voter -> Text,
        given_at -> Timestamp,
    }
}

diesel::table! {
    proposal_comments (id) {
        id -> BigInt,
        proposal_id -> BigInt,
        author -> Text,
        words -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    answer_codings (id) {
        id -> BigInt,
        company_id -> BigInt,
        contact_id -> BigInt,
        question -> Text,
        row_code -> Text,
        at -> Timestamp,
        seq -> Integer,
        second -> Bool,
        coder -> Text,
        state -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    answer_codes (coding_id, need) {
        coding_id -> BigInt,
        need -> Text,
    }
}

diesel::table! {
    saved_views (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        name_key -> Text,
        page -> Text,
        query -> Text,
        shared -> Bool,
        made_at -> Timestamp,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    user_visits (user_id) {
        user_id -> BigInt,
        came_at -> Timestamp,
        before_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    company_merges (id) {
        id -> BigInt,
        from_id -> BigInt,
        external_id -> Text,
        name -> Text,
        into_id -> Nullable<BigInt>,
        within_id -> Nullable<BigInt>,
        into_name -> Text,
        before -> Text,
        merged_at -> Timestamp,
        merged_by -> Text,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<Text>,
    }
}

diesel::table! {
    company_aliases (external_id) {
        external_id -> Text,
        company_id -> BigInt,
        merge_id -> Nullable<BigInt>,
        made_at -> Timestamp,
        made_by -> Text,
    }
}

diesel::table! {
    conversations (id) {
        id -> BigInt,
        company_id -> BigInt,
        contact_id -> BigInt,
        kind -> Text,
        held_on -> Date,
        note -> Text,
        author -> Text,
        answers -> Integer,
        noted_at -> Timestamp,
    }
}

diesel::table! {
    merged_rows (id) {
        id -> BigInt,
        merge_id -> BigInt,
        contact_id -> Nullable<BigInt>,
        transaction_id -> Nullable<BigInt>,
        enrolment_id -> Nullable<BigInt>,
        invitation_id -> Nullable<BigInt>,
        conversation_id -> Nullable<BigInt>,
        stood -> Nullable<Text>,
    }
}

diesel::table! {
    merged_answers (company_id, contact_id, question, row_code, at, seq, merge_id) {
        merge_id -> BigInt,
        company_id -> BigInt,
        contact_id -> BigInt,
        question -> Text,
        row_code -> Text,
        at -> Timestamp,
        seq -> Integer,
        seq_before -> Integer,
    }
}

diesel::table! {
    playbooks (id) {
        id -> BigInt,
        segment -> Text,
        document -> Text,
        changes -> Text,
        made_by -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    plans (company_id) {
        company_id -> BigInt,
        goal -> Text,
        set_by -> Text,
        set_at -> Timestamp,
    }
}

diesel::table! {
    plan_steps (id) {
        id -> BigInt,
        company_id -> BigInt,
        action -> Text,
        need -> Nullable<Text>,
        owner -> Text,
        due_on -> Date,
        state -> Text,
        made_by -> Text,
        made_at -> Timestamp,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    merged_steps (merge_id, step_id) {
        merge_id -> BigInt,
        step_id -> BigInt,
    }
}

diesel::table! {
    merged_goals (merge_id) {
        merge_id -> BigInt,
        goal -> Text,
        set_by -> Text,
        set_at -> Timestamp,
        given -> Bool,
    }
}

diesel::table! {
    alerts (id) {
        id -> BigInt,
        company_id -> BigInt,
        kind -> Text,
        occasion -> Text,
        at -> Timestamp,
        from_segment -> Nullable<Text>,
        to_segment -> Nullable<Text>,
        need -> Nullable<Text>,
        from_score -> Nullable<Double>,
        to_score -> Nullable<Double>,
        reach -> Nullable<Double>,
        answered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    alert_looks (alert_id, user_id) {
        alert_id -> BigInt,
        user_id -> BigInt,
        state -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    known_scores (company_id, need) {
        company_id -> BigInt,
        need -> Text,
        score -> Double,
        se -> Double,
        at -> Timestamp,
    }
}

diesel::table! {
    offers (id) {
        id -> BigInt,
        name -> Text,
        name_key -> Text,
        note -> Text,
        needs -> Text,
        made_by -> Text,
        made_at -> Timestamp,
        changed_by -> Text,
        changed_at -> Timestamp,
        archived_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    behaviour_rules (id) {
        id -> BigInt,
        document -> Text,
        changes -> Text,
        made_by -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    behaviour_runs (id) {
        id -> BigInt,
        rules_id -> Nullable<BigInt>,
        on_day -> Date,
        usage_until -> Nullable<Timestamp>,
        after_id -> BigInt,
        companies -> BigInt,
        done -> BigInt,
        changed -> BigInt,
        began_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    company_usage (company_id, feature, at, given_as) {
        company_id -> BigInt,
        feature -> Text,
        at -> Timestamp,
        given_as -> Text,
        uses -> BigInt,
    }
}

diesel::table! {
    usage_features (feature) {
        feature -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    usage_features,
    behaviour_rules,
    behaviour_runs,
    company_usage,
    saved_views,
    user_visits,
    frameworks,
    question_versions,
    question_wordings,
    archived_parts,
    users,
    sessions,
    api_tokens,
    audit_entries,
    companies,
    company_attributes,
    company_domains,
    contacts,
    contact_attributes,
    transactions,
    answers,
    contact_needs,
    contact_evidence,
    company_needs,
    company_evidence,
    company_months,
    segment_drafts,
    calibrations,
    overrides,
    survey_segments,
    sales_tags,
    deal_segments,
    company_segments,
    segment_changes,
    drips,
    enrolments,
    invitations,
    link_tokens,
    outbox,
    frozen_mails,
    specimens,
    frozen_changes,
    sent_marks,
    captured_mails,
    suppressions,
    visits,
    test_links,
    mail_wishes,
    strikes,
    domain_holds,
    domain_paces,
    incoming_mails,
    import_runs,
    marks,
    giveback_sums,
    giveback_companies,
    workshops,
    proposals,
    proposal_votes,
    proposal_comments,
    answer_codings,
    answer_codes,
    playbooks,
    plans,
    plan_steps,
    merged_steps,
    merged_goals,
    alerts,
    alert_looks,
    known_scores,
    offers,
    company_merges,
    company_aliases,
    conversations,
    merged_rows,
    merged_answers,
);

diesel::joinable!(company_segments -> companies (company_id));
diesel::joinable!(company_evidence -> companies (company_id));
diesel::joinable!(company_needs -> companies (company_id));
diesel::joinable!(survey_segments -> companies (company_id));
diesel::joinable!(contacts -> companies (company_id));
diesel::joinable!(transactions -> companies (company_id));
diesel::joinable!(enrolments -> contacts (contact_id));
diesel::joinable!(invitations -> enrolments (enrolment_id));
diesel::joinable!(outbox -> invitations (invitation_id));
diesel::joinable!(frozen_changes -> specimens (specimen_id));
diesel::joinable!(sent_marks -> outbox (mail_id));
diesel::joinable!(link_tokens -> invitations (invitation_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(saved_views -> users (user_id));
diesel::joinable!(user_visits -> users (user_id));
diesel::joinable!(proposal_votes -> proposals (proposal_id));
diesel::joinable!(proposal_comments -> proposals (proposal_id));
diesel::joinable!(answer_codes -> answer_codings (coding_id));
diesel::joinable!(plan_steps -> companies (company_id));
diesel::joinable!(alerts -> companies (company_id));
